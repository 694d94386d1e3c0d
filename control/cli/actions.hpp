// What each command that speaks to the room does: its call, its screen, its exit code. One thread.
#pragma once

#include "control/cli/arguments.hpp"
#include "control/cli/session.hpp"

#include <string>

namespace pult::cli {

// What is missing or cannot be, found before anybody is asked: "" when all is well. `command` is its full name.
std::string misuse(const std::string& command, const Arguments& arguments);
int act(const std::string& command, Session& session, const Arguments& arguments);

} // namespace pult::cli
