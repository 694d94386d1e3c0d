// What the crew reads: the API's answers in plain words, one calm screen each.
//
// Made for a dark room and little time: what is on air comes first, what is wrong comes last and in full sentences
// (nearest to the prompt), what is well is said in few words. Colour only where it says something, and only on a
// terminal. Pure; any thread.
#pragma once

#include <boost/json/object.hpp>
#include <string>

namespace pult::cli {

struct Look {
  bool colour = false;
  int width = 80;
  bool terminal = false;
};

std::string status_screen(const boost::json::object& status, const Look& look);
std::string show_screen(const boost::json::object& status, const Look& look);
std::string slate_screen(const boost::json::object& status, const Look& look);
std::string lower_third_screen(const boost::json::object& status, const Look& look);
std::string scenes_screen(const boost::json::object& scenes, const Look& look);
std::string event_lines(const boost::json::object& events, const Look& look);
std::string tokens_screen(const boost::json::object& tokens, const Look& look);
// "hall is on air since 10:32:15.4": what a command did.
std::string outcome_line(const std::string& command, const boost::json::object& answer);

} // namespace pult::cli
