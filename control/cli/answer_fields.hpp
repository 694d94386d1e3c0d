// Members of the API's answers, read so that nothing that is missing or of another type makes a screen fall. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace pult::cli {

const boost::json::value* find(const boost::json::object& object, std::string_view key); // null counts as missing
std::string text_at(const boost::json::object& object, std::string_view key);
double number_at(const boost::json::object& object, std::string_view key);
bool flag_at(const boost::json::object& object, std::string_view key);
boost::json::object object_at(const boost::json::object& object, std::string_view key);

// The objects of a list, looked at where they are: the answer must outlive this.
class Objects {
 public:
  class Iterator {
   public:
    explicit Iterator(std::vector<const boost::json::object*>::const_iterator at) : at_(at) {}
    const boost::json::object& operator*() const { return **at_; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    std::vector<const boost::json::object*>::const_iterator at_;
  };
  explicit Objects(std::vector<const boost::json::object*> list) : list_(std::move(list)) {}
  [[nodiscard]] bool empty() const { return list_.empty(); }
  [[nodiscard]] std::size_t size() const { return list_.size(); }
  [[nodiscard]] Iterator begin() const { return Iterator(list_.begin()); }
  [[nodiscard]] Iterator end() const { return Iterator(list_.end()); }

 private:
  std::vector<const boost::json::object*> list_;
};
Objects objects_at(const boost::json::object& object, std::string_view key);
Objects objects_at(boost::json::object&&, std::string_view) = delete;
// "10:32:15" of "2026-11-23T10:32:15.480+01:00"; `columns` more shows tenths.
std::string clock_of(const std::string& iso, std::size_t columns = 8);

} // namespace pult::cli
