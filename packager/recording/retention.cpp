#include "packager/recording/retention.hpp"

#include "base/file.hpp"
#include "packager/recording/recording.hpp"

#include <algorithm>
#include <boost/json.hpp>

namespace pult::packager {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

struct Needed {
  std::string show;
  Nanoseconds in{}, out{};
};

// Nothing when it is not known.
std::optional<std::vector<Needed>> read_needed(const fs::path& file) {
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  try {
    std::vector<Needed> needed;
    const auto parsed = json::parse(*text);
    for (const auto& entry : parsed.as_array()) {
      const auto& span = entry.as_object();
      needed.push_back({std::string(span.at("show").as_string()), Nanoseconds(span.at("in").to_number<std::int64_t>()),
                        Nanoseconds(span.at("out").to_number<std::int64_t>())});
    }
    return needed;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

struct Span {
  Nanoseconds begin{}, end{};
};

Span span_of(const RecordedTrack& track, const RecordedFile& file) {
  const auto& last = file.parts.back();
  return {track.wall_of(file, file.parts.front().begin), track.wall_of(file, last.begin + last.duration)};
}

void remove_file(const RecordedFile& file) {
  std::error_code ignored;
  fs::remove(fs::path(file.media).replace_extension(".index"), ignored); // first: an index speaks of what is there
  fs::remove(file.media, ignored);
  fs::remove(removed_path(file.media), ignored);
}

std::size_t remove_old(const RecordedTrack& track, Nanoseconds before, const std::vector<Needed>& needed) {
  std::size_t removed = 0;
  for (const auto& file : track.files) {
    const auto span = span_of(track, file);
    const bool keeps = span.end >= before || std::any_of(needed.begin(), needed.end(), [&](const Needed& one) {
                         return one.in < span.end && span.begin < one.out;
                       });
    if (keeps) continue;
    remove_file(file);
    ++removed;
  }
  return removed;
}

} // namespace

std::size_t remove_old_recordings(const fs::path& program_dir, Nanoseconds before) {
  const auto needed = read_needed(program_dir / "keep.json");
  if (!needed) return 0;
  std::size_t removed = 0;
  for (const auto& show : recorded_shows(program_dir)) {
    std::vector<Needed> own;
    std::copy_if(needed->begin(), needed->end(), std::back_inserter(own),
                 [&](const Needed& one) { return one.show == show; });
    const auto recorded = read_recording(program_dir, show);
    if (!recorded) continue;
    for (const auto& track : recorded->tracks)
      removed += remove_old(track, before, own);
  }
  return removed;
}

} // namespace pult::packager
