// What the commands about talks, the schedule, consent and the archive do. One thread.
#pragma once

#include "control/cli/arguments.hpp"
#include "control/cli/session.hpp"

namespace pult::cli {

int do_schedule(Session& session, const Arguments& arguments);
int do_talks(Session& session, const Arguments& arguments);
int do_talk(Session& session, const Arguments& arguments);
int do_hold(Session& session, const Arguments& arguments);
int do_archive(Session& session, const Arguments& arguments);

// What is missing or cannot be; "" when all is well.
std::string misuse_of_schedule(const Arguments& arguments);
std::string misuse_of_talk(const Arguments& arguments);
std::string misuse_of_hold(const Arguments& arguments);
std::string misuse_of_archive(const Arguments& arguments);

// "+0:40", "-0:05.2", "1:02:03": seconds, with its sign; nothing when it is none.
std::optional<double> offset_of(std::string_view text);

} // namespace pult::cli
