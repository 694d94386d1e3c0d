#include "packager/jobs/iso_span.hpp"

#include <algorithm>
#include <numeric>

namespace pult::packager::jobs {
namespace {

namespace fs = std::filesystem;

// The next hour's file goes on where the last one ended; "-2" and so on begin after a break.
constexpr std::chrono::seconds kSeamMost{2};

// In the order in which their bytes came.
std::vector<IsoFile> files_of(const fs::path& folder) {
  std::vector<IsoFile> files;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() != ".index") continue;
    auto file = read_iso_index(entry.path());
    if (file && !file->places.empty()) files.push_back(std::move(*file));
  }
  std::sort(files.begin(), files.end(),
            [](const IsoFile& a, const IsoFile& b) { return a.places.front().arrived < b.places.front().arrived; });
  return files;
}

bool goes_on(const IsoRun& run, const IsoFile& file) {
  const auto& last = run.places.back();
  const auto& first = file.places.front();
  const bool after_a_break = file.media.stem().string().find('-') != std::string::npos;
  return !after_a_break && first.connection == last.connection && first.arrived - last.arrived < kSeamMost;
}

// A piece of one connection's bytes to the end of a run, or a new run.
void add(std::vector<IsoRun>& runs, const IsoFile& file, const IsoPiece& piece) {
  const auto inside = [&](const IsoPlace& place) {
    return place.offset >= piece.offset && place.offset < piece.offset + piece.length;
  };
  const auto first = std::find_if(file.places.begin(), file.places.end(), inside);
  if (first == file.places.end()) return;
  const bool follows = !runs.empty() && first == file.places.begin() && goes_on(runs.back(), file);
  if (!follows) runs.emplace_back();
  auto& run = runs.back();
  const auto before = run.bytes();
  for (auto place = first; place != file.places.end() && inside(*place); ++place)
    run.places.push_back({place->arrived, place->offset - piece.offset + before, place->connection});
  run.pieces.push_back(piece);
}

} // namespace

std::uint64_t IsoRun::bytes() const {
  return std::accumulate(pieces.begin(), pieces.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const IsoPiece& piece) { return sum + piece.length; });
}

std::vector<IsoRun> iso_runs(const fs::path& feed_folder, Nanoseconds begin, Nanoseconds end) {
  std::vector<IsoRun> runs;
  for (const auto& file : files_of(feed_folder)) {
    const auto span = file.bytes_between(begin, end);
    if (span.length == 0) continue;
    auto at = span.offset;
    const auto behind = span.offset + span.length;
    // A new connection within the file begins a piece of its own.
    for (std::size_t i = 1; i < file.places.size(); ++i) {
      const auto& place = file.places[i];
      if (place.connection == file.places[i - 1].connection || place.offset <= at || place.offset >= behind) continue;
      add(runs, file, {file.media, at, place.offset - at});
      at = place.offset;
    }
    add(runs, file, {file.media, at, behind - at});
  }
  return runs;
}

std::optional<std::pair<Nanoseconds, Nanoseconds>> iso_span(const fs::path& feed_folder) {
  const auto files = files_of(feed_folder);
  if (files.empty()) return std::nullopt;
  return std::pair(files.front().places.front().arrived, files.back().places.back().arrived);
}

} // namespace pult::packager::jobs
