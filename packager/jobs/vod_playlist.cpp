#include "packager/jobs/vod_playlist.hpp"

#include "packager/multivariant_playlist.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <iterator>

namespace pult::packager::jobs {
namespace {

using packet_link::TrackKind;

// Parts of one segment that lie one behind the other in one file.
struct Segment {
  const RecordedFile* file = nullptr;
  std::int64_t sequence = 0;
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
  std::int64_t begin = 0; // ticks of the talk's clock
  std::int64_t duration = 0;
};

std::vector<Segment> segments_of(const TrackPlan& plan) {
  std::vector<Segment> segments;
  for (const auto& [file, part, shift] : plan.parts) {
    const bool goes_on = !segments.empty() && segments.back().file == file &&
                         segments.back().sequence == part->sequence &&
                         segments.back().offset + segments.back().length == part->offset &&
                         segments.back().begin + segments.back().duration == part->begin + shift;
    if (!goes_on) segments.push_back({file, part->sequence, part->offset, 0, part->begin + shift, 0});
    segments.back().length += part->length;
    segments.back().duration += part->duration;
  }
  return segments;
}

} // namespace

std::string vod_media_playlist(const TrackPlan& plan, const std::string& up) {
  const auto segments = segments_of(plan);
  const double scale = plan.track->description.timescale;
  double longest = 1;
  for (const auto& segment : segments)
    longest = std::max(longest, static_cast<double>(segment.duration) / scale);
  std::string out = fmt::format("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-PLAYLIST-TYPE:VOD\n"
                                "#EXT-X-INDEPENDENT-SEGMENTS\n",
                                std::lround(std::ceil(longest)));
  if (!segments.empty() && segments.front().begin < 0)
    fmt::format_to(std::back_inserter(out), "#EXT-X-START:TIME-OFFSET={:.5f},PRECISE=YES\n",
                   static_cast<double>(-segments.front().begin) / scale);
  const Segment* before = nullptr;
  for (const auto& segment : segments) {
    const auto uri = up + "/" + uri_escaped(plan.track->description.name) + "/" +
                     uri_escaped(segment.file->media.filename().string());
    const bool hole = before != nullptr && before->begin + before->duration != segment.begin;
    const bool new_file = before == nullptr || before->file != segment.file;
    if (before != nullptr && (hole || before->file->init_name != segment.file->init_name ||
                              before->file->epoch_wall != segment.file->epoch_wall))
      out += "#EXT-X-DISCONTINUITY\n";
    if (new_file)
      fmt::format_to(std::back_inserter(out), "#EXT-X-MAP:URI=\"{}\",BYTERANGE=\"{}@0\"\n", uri,
                     segment.file->init_bytes);
    fmt::format_to(std::back_inserter(out), "#EXTINF:{:.5f},\n#EXT-X-BYTERANGE:{}@{}\n{}\n",
                   static_cast<double>(segment.duration) / scale, segment.length, segment.offset, uri);
    before = &segment;
  }
  return out + "#EXT-X-ENDLIST\n";
}

std::string vod_multivariant_playlist(const CutPlan& plan, std::chrono::milliseconds segment) {
  Show show;
  show.id = ".";
  for (const auto& track : plan.tracks)
    if (!track.parts.empty()) show.tracks.push_back(track.track->description);
  auto text = multivariant_playlist(show, plan.fps, segment);
  // Its media playlists lie beside it: "./<track>/index.m3u8" → "<track>.m3u8".
  for (const auto& track : show.tracks) {
    const auto name = uri_escaped(track.name);
    const auto live = "./" + name + "/index.m3u8";
    for (auto at = text.find(live); at != std::string::npos; at = text.find(live))
      text.replace(at, live.size(), name + ".m3u8");
  }
  return text;
}

} // namespace pult::packager::jobs
