#include "packager/track_tools.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace pult::packager {

namespace {

constexpr std::uint32_t kVideoTimescale = 90000;

// FNV-1a: names bytes, the same in every release.
std::uint64_t stable_hash(ByteView bytes) {
  std::uint64_t hash = 14695981039346656037U;
  for (const std::uint8_t byte : bytes)
    hash = (hash ^ byte) * 1099511628211U;
  return hash;
}

Result<void> describe_video(TrackTools& tools) {
  auto video = parse_video_format(tools.format.extradata);
  if (!video) return video.error();
  tools.video = *video;
  tools.codec =
      fmt::format("avc1.{:02x}{:02x}{:02x}", video->sps.profile_idc, video->sps.constraints, video->sps.level_idc);
  auto no_change = NoChangePicture::create(*video);
  if (no_change) {
    tools.no_change = std::move(*no_change);
  } else {
    spdlog::warn("track {}: faults are filled with key frames: {}", tools.name, no_change.error().message);
  }
  return {};
}

Result<void> describe_sound(TrackTools& tools, const packet_link::Track& track) {
  if (track.extradata.size() < 2) return Error{Errc::kCorrupt, "AudioSpecificConfig: too short"};
  const int object_type = track.extradata[0] >> 3; // ISO/IEC 14496-3 1.6.2.1
  const int rate_index = (track.extradata[0] & 7) << 1 | track.extradata[1] >> 7;
  const int channels = track.extradata[1] >> 3 & 15;
  if (object_type != 2 || rate_index != 3 || channels < 1 || channels > 2)
    return Error{Errc::kRefused, "AudioSpecificConfig: not AAC-LC at 48 kHz in mono or stereo"};
  if (track.silence.empty()) return Error{Errc::kRefused, "no silence packet"};
  tools.format.channels = channels;
  tools.format.sample_rate = kSampleRate;
  tools.codec = "mp4a.40.2";
  tools.silence = share(track.silence);
  return {};
}

Result<void> make_init(TrackTools& tools) {
  auto muxer = FragmentMuxer::create(tools.format, 1);
  if (!muxer) return muxer.error();
  tools.init = share(muxer->init_section());
  tools.init_name = fmt::format("init-{:016x}.mp4", stable_hash(*tools.init));
  return {};
}

} // namespace

Result<TrackToolsPtr> make_track_tools(const packet_link::Track& track, const std::string& language) {
  auto tools = std::make_shared<TrackTools>();
  const bool video = track.kind == TrackKind::kVideo;
  tools->name = track.name;
  tools->format = {track.kind,
                   track.extradata,
                   track.width,
                   track.height,
                   0,
                   0,
                   video ? kVideoTimescale : kSampleRate,
                   video ? "und" : language};
  auto described = video ? describe_video(*tools) : describe_sound(*tools, track);
  if (described) described = make_init(*tools);
  if (!described)
    return Error{described.error().code, fmt::format("track {}: {}", track.name, described.error().message)};
  return TrackToolsPtr(std::move(tools));
}

} // namespace pult::packager
