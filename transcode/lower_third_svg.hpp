// The lower third of a room that has no template of its own: configs/lower-third.svg, built in. Any thread.
#pragma once

#include <string_view>

namespace pult::transcode {

extern const std::string_view kBuiltInLowerThird;

} // namespace pult::transcode
