#include "packager/jobs/cut_plan.hpp"

#include <algorithm>
#include <ctime>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

using packet_link::TrackKind;
using namespace std::chrono_literals;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kSoundBefore = 2; // frames
constexpr Nanoseconds kLongestTalk = std::chrono::hours(24);

std::string text_of(Nanoseconds wall) {
  const std::time_t seconds = wall / 1s;
  std::tm parts{};
  ::localtime_r(&seconds, &parts);
  return fmt::format("{:02}:{:02}:{:02}", parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// Nearest, also below zero.
std::int64_t divide_nearest(std::int64_t value, std::int64_t by) {
  const auto half = by / 2;
  return value >= 0 ? (value + half) / by : -((-value + half) / by);
}

Nanoseconds time_of_ticks(std::int64_t ticks, std::int64_t scale) {
  return Nanoseconds(ticks / scale * kSecond + ticks % scale * kSecond / scale);
}

std::int64_t ticks_of(Nanoseconds time, std::int64_t scale) {
  const auto count = time.count();
  return count / kSecond * scale + divide_nearest(count % kSecond * scale, kSecond);
}

// The grid's picture nearest to that wall time, as ticks of the track since the file's epoch.
std::int64_t ticks_of_mark(Nanoseconds wall, const RecordedFile& file, std::int64_t scale, int fps) {
  const auto since = (wall - file.epoch_wall).count();
  const auto picture = since / kSecond * fps + divide_nearest(since % kSecond * fps, kSecond);
  return picture * (scale / fps);
}

struct Located {
  const RecordedFile* file;
  const RecordedPart* part;
  Nanoseconds begin, end; // wall
};

std::vector<Located> all_parts(const RecordedTrack& track) {
  std::vector<Located> parts;
  for (const auto& file : track.files)
    for (const auto& part : file.parts)
      parts.push_back({&file, &part, track.wall_of(file, part.begin), track.wall_of(file, part.begin + part.duration)});
  return parts;
}

// Parts before the mark that are needed to decode what begins there.
std::size_t first_needed(const std::vector<Located>& parts, std::size_t first, bool video) {
  if (!video) return first > 0 && parts[first - 1].end == parts[first].begin ? first - 1 : first;
  std::size_t i = first;
  while (i > 0 && !parts[i].part->independent && parts[i - 1].end == parts[i].begin)
    --i;
  return i;
}

void add_gap(std::vector<Gap>& gaps, Gap::Kind kind, Nanoseconds begin, Nanoseconds end, Nanoseconds length) {
  begin = std::max(begin, 0ns);
  end = std::min(end, length);
  if (begin >= end) return;
  if (!gaps.empty() && gaps.back().kind == kind && gaps.back().end == begin) {
    gaps.back().end = end;
    return;
  }
  gaps.push_back({kind, begin, end});
}

// Of one part: the spans that were filled in, on the talk's clock.
void add_filled(std::vector<Gap>& gaps, const RecordedPart& part, std::int64_t unit, std::int64_t shift,
                std::int64_t scale, Nanoseconds length) {
  for (const auto& run : part.filled)
    add_gap(gaps, Gap::Kind::kFilled, time_of_ticks(run.first * unit + shift, scale),
            time_of_ticks((run.first + run.count) * unit + shift, scale), length);
}

void plan_track(TrackPlan& plan, const Marks& marks, int fps, Nanoseconds later) {
  const auto& description = plan.track->description;
  const auto scale = static_cast<std::int64_t>(description.timescale);
  const bool video = description.kind == TrackKind::kVideo;
  const std::int64_t unit = video ? scale / fps : kSamplesPerSoundFrame;
  const auto length = marks.out - marks.in;
  plan.length = ticks_of(length, scale);
  auto parts = all_parts(*plan.track);
  std::erase_if(parts, [](const Located& one) { return one.part->removed; });
  const auto before = video ? 0ns : time_of_ticks(kSoundBefore * kSamplesPerSoundFrame, scale);
  const auto first =
      static_cast<std::size_t>(std::find_if(parts.begin(), parts.end(),
                                            [&](const Located& one) { return one.end + later > marks.in - before; }) -
                               parts.begin());
  Nanoseconds covered = 0ns; // of the talk's clock
  for (std::size_t i = first < parts.size() ? first_needed(parts, first, video) : first; i < parts.size(); ++i) {
    const auto& [file, part, begin, end] = parts[i];
    if (begin + later >= marks.out) break;
    const auto shift = ticks_of(later, scale) - ticks_of_mark(marks.in, *file, scale, fps);
    plan.parts.push_back({file, part, shift});
    const auto from = time_of_ticks(part->begin + shift, scale);
    if (from > covered) add_gap(plan.gaps, Gap::Kind::kMissing, covered, from, length);
    add_filled(plan.gaps, *part, unit, shift, scale, length);
    covered = std::max(covered, time_of_ticks(part->begin + part->duration + shift, scale));
  }
  add_gap(plan.gaps, Gap::Kind::kMissing, covered, length, length);
}

// The mark moved to the grid of the file that holds it, or of the one nearest.
Nanoseconds on_grid(const RecordedTrack& track, Nanoseconds wall, int fps) {
  const RecordedFile* nearest = nullptr;
  for (const auto& file : track.files)
    if (nearest == nullptr || track.wall_of(file, file.parts.front().begin) <= wall) nearest = &file;
  if (nearest == nullptr) return wall;
  return track.wall_of(*nearest, ticks_of_mark(wall, *nearest, track.description.timescale, fps));
}

} // namespace

std::optional<Marks> recorded_span(const RecordedShow& show) {
  std::optional<Marks> span;
  for (const auto& track : show.tracks)
    for (const auto& file : track.files) {
      const auto& last = file.parts.back();
      const Marks one{track.wall_of(file, file.parts.front().begin), track.wall_of(file, last.begin + last.duration)};
      span = span ? Marks{std::min(span->in, one.in), std::max(span->out, one.out)} : one;
    }
  return span;
}

Result<CutPlan> plan_cut(const RecordedShow& show, Marks marks, int fps, Nanoseconds sound_later) {
  const auto span = recorded_span(show);
  if (!span) return Error{Errc::kNotFound, "nothing of the show \"" + show.id + "\" was recorded"};
  if (marks.out <= marks.in) return Error{Errc::kInvalidArgument, "the out mark must be behind the in mark"};
  if (marks.out - marks.in > kLongestTalk) return Error{Errc::kInvalidArgument, "a talk of more than a day"};
  if (marks.in >= span->out || marks.out <= span->in)
    return Error{Errc::kRefused,
                 fmt::format("nothing was recorded from {} to {}; the recording goes from {} to {}", text_of(marks.in),
                             text_of(marks.out), text_of(span->in), text_of(span->out))};
  CutPlan plan;
  plan.fps = fps;
  plan.marks = {on_grid(show.tracks.front(), marks.in, fps), on_grid(show.tracks.front(), marks.out, fps)};
  for (const auto& track : show.tracks) {
    plan.tracks.push_back({&track, {}, 0, {}});
    const auto later = track.description.kind == TrackKind::kSound ? sound_later : 0ns;
    plan_track(plan.tracks.back(), plan.marks, fps, later);
  }
  const auto& first = plan.tracks.front();
  const bool video = std::any_of(first.parts.begin(), first.parts.end(), [](const auto&) { return true; });
  if (!video) return Error{Errc::kRefused, "no picture of this time was recorded"};
  return plan;
}

} // namespace pult::packager::jobs
