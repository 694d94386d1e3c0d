// The multivariant playlist of a show. Players read it once, at the start, so everything in it is computed from the
// config and constant. Pure; any thread.
#pragma once

#include "packager/published.hpp"

#include <chrono>
#include <string>

namespace pult::packager {

// BANDWIDTH of a rung with its sound, in bit/s: the peak over one segment that the rate control can reach, and 3 % for
// the packaging. maxrate is the nominal rate; the VBV of kVbvTime may be emptied on top of it.
inline constexpr std::chrono::milliseconds kVbvTime{500};
[[nodiscard]] std::int64_t peak_bandwidth(int video_kbps, int sound_kbps, std::chrono::milliseconds segment);

// Every codec named and none that is not there; sound as a group of its own, the first sound is the default.
[[nodiscard]] std::string multivariant_playlist(const Show& show, int fps, std::chrono::milliseconds segment);

// ISO 639-2 as in the config to what RFC 5646 wants: "deu" → "de"; others as they are.
[[nodiscard]] std::string language_tag(const std::string& language);
// For a folder name in a URI: everything but unreserved characters is escaped.
[[nodiscard]] std::string uri_escaped(const std::string& name);

} // namespace pult::packager
