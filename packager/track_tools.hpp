// What the packager knows of one track's encoder: how its fragments are made, and what can stand in for it.
//
// Made from a track of transcode's Hello, immutable, shared by the timeline and the writer. Two encoder runs with the
// same extradata give equal init sections and so the same init_name: the timeline goes on over them without a
// discontinuity. Any thread.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/messages/packet_link.hpp"
#include "packager/fragment_muxer.hpp"
#include "packager/no_change_picture.hpp"

namespace pult::packager {

struct TrackTools {
  std::string name;
  TrackFormat format;
  std::string codec;     // RFC 6381
  std::string init_name; // "init-<hash of the bytes>.mp4"
  SharedBytes init;

  std::optional<VideoFormat> video;
  std::optional<NoChangePicture> no_change; // empty: parameter sets that the writer does not know
  SharedBytes silence;                      // sound
};
using TrackToolsPtr = std::shared_ptr<const TrackTools>;

// `language` is the config's, ISO 639-2; only for sound. Refuses what cannot be packaged or stood in for.
[[nodiscard]] Result<TrackToolsPtr> make_track_tools(const packet_link::Track& track, const std::string& language);

// One IDR per kind of slate, of one rung; null where transcode has not sent it yet.
using Slates = std::array<SharedBytes, packet_link::kSlateKinds>;

} // namespace pult::packager
