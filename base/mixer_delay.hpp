// The one delay of the room's mixer, for pictures and sound alike.
//
// Picture n of the programme is composed at its own time, T(n) after the room's epoch, from what the feeds had due
// kMixerDelay earlier. The delay is what a feed's decoder may be late (decoding, its queue, a busy machine) without a
// picture being repeated. 200 ms is five pictures at 25 a second. Whoever compares a feed with the programme (a cut
// from the feed's own recording) needs it, too. Pure; any thread.
#pragma once

#include <chrono>

namespace pult {

inline constexpr std::chrono::milliseconds kMixerDelay{200};

} // namespace pult
