// What the crew reads about feeds and sound. Pure; any thread.
#pragma once

#include "control/cli/text_layout.hpp"

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace pult::cli {

using Rows = std::vector<std::vector<Cell>>;

Rows feed_rows(const boost::json::object& status); // one a feed: name, label, state, health
// "-23.1 LUFS, peak -6 dB"; "" when nothing is known.
std::string sound_text(const boost::json::object& status);

std::string feeds_screen(const boost::json::object& status, const Look& look);
std::string audio_screen(const boost::json::object& status, const Look& look);
// One feed in detail: a member of status' "feeds".
std::string feed_screen(const boost::json::object& feed, const Look& look);

} // namespace pult::cli
