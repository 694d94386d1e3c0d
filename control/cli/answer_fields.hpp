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
std::vector<boost::json::object> objects_at(const boost::json::object& object, std::string_view key);
// "10:32:15" of "2026-11-23T10:32:15.480+01:00"; `columns` more shows tenths.
std::string clock_of(const std::string& iso, std::size_t columns = 8);

} // namespace pult::cli
