// What the crew and organisers read of talks, the schedule and the archive. Pure; any thread.
#pragma once

#include "control/cli/screens.hpp"

namespace pult::cli {

std::string talks_screen(const boost::json::object& talks, const Look& look);
std::string talk_screen(const boost::json::object& talk, const Look& look); // one, all of it
std::string import_screen(const boost::json::object& import, const Look& look);
std::string archive_screen(const boost::json::object& archive, const Look& look);
std::string said_line(const boost::json::object& answer); // what an order did
// "0:45", "-1:02:03".
std::string span_text(double seconds);
// Lines for the status screen: the talk that runs and comes, consent, recording; "" without any.
std::string talk_lines(const boost::json::object& status, const Look& look);

} // namespace pult::cli
