// What happened in the room, numbered: the last events in memory, each kept in pult.db behind.
//
// Hostile words are made harmless here, once: control characters go, texts are cut. One thread.
#pragma once

#include "control/kept.hpp"
#include "control/notice.hpp"
#include "control/plain_text.hpp"

#include <deque>
#include <functional>

namespace pult::control {

class Journal {
 public:
  static constexpr std::size_t kInMemory = 500; // `pult events` shows 200; the rest is for followers that fell behind
  static constexpr std::size_t kTextBytes = 500;

  Journal(asio::io_context& io, std::function<void(const Event&)> keep) : changed_(io), keep_(std::move(keep)) {}

  void load(std::vector<Event> earlier); // of pult.db; ours are numbered above them
  void add(std::string level, std::string program, std::string text, boost::json::object details = {});
  [[nodiscard]] std::vector<Event> after(std::int64_t id, std::size_t most) const; // the last of them, oldest first
  [[nodiscard]] std::int64_t last_id() const { return events_.empty() ? 0 : events_.back().id; }
  [[nodiscard]] std::uint64_t total() const { return total_; }
  Notice& changed() { return changed_; }

 private:
  std::deque<Event> events_;
  std::uint64_t total_ = 0; // since pultd started
  bool loaded_ = false;     // before, our numbers are not known and nothing is kept
  Notice changed_;
  std::function<void(const Event&)> keep_;
};

boost::json::object to_json(const Event& event);

} // namespace pult::control
