#include "packager/jobs/iso_index.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace pult::packager::jobs {
namespace {

constexpr std::uint64_t kPacket = 188;

} // namespace

RemovedRange IsoFile::bytes_between(Nanoseconds begin, Nanoseconds end) const {
  if (places.empty() || places.front().arrived >= end) return {};
  const auto behind = std::find_if(places.begin(), places.end(), [&](const IsoPlace& p) { return p.arrived > begin; });
  const auto first = behind == places.begin() ? behind : std::prev(behind);
  const auto last = std::find_if(places.begin(), places.end(), [&](const IsoPlace& p) { return p.arrived >= end; });
  const auto from = first == places.end() ? bytes : first->offset;
  const auto to = last == places.end() ? bytes : last->offset;
  // The last place says nothing of what came long after it.
  if (first == std::prev(places.end()) && begin - first->arrived > std::chrono::seconds(2)) return {};
  return {from / kPacket * kPacket, to / kPacket * kPacket - from / kPacket * kPacket};
}

std::optional<IsoFile> read_iso_index(const std::filesystem::path& index) {
  std::ifstream in(index);
  std::string line;
  if (!std::getline(in, line) || line != "pult-iso 1") return std::nullopt;
  IsoFile file;
  file.media = index;
  file.media.replace_extension(".ts");
  std::error_code unknown;
  file.bytes = std::filesystem::file_size(file.media, unknown);
  if (unknown) return std::nullopt;
  while (std::getline(in, line)) {
    std::istringstream words(line);
    std::string kind;
    std::int64_t arrived = 0;
    IsoPlace place;
    if (!(words >> kind >> arrived >> place.offset >> place.connection) || kind != "at") continue;
    place.arrived = Nanoseconds(arrived);
    if (place.offset <= file.bytes) file.places.push_back(place);
  }
  return file;
}

} // namespace pult::packager::jobs
