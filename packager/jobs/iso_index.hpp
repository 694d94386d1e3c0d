// Where in a feed's own recording what arrived when (written by ingest, ingest/README.md): the reader's side. Blocking.
//
// `data_dir/iso/<feed>/<YYYYMMDDTHH>[-k].ts` are the very bytes; `.index` of the same name has lines
// `at <wall ns of arrival> <offset> <connection>`, at least one a second and one for each new connection.
#pragma once

#include "packager/recording/recording.hpp"

namespace pult::packager::jobs {

struct IsoPlace {
  Nanoseconds arrived{}; // programme wall time
  std::uint64_t offset = 0;
  std::uint32_t connection = 0;
};

struct IsoFile {
  std::filesystem::path media;
  std::uint64_t bytes = 0;
  std::vector<IsoPlace> places; // ascending

  // What arrived then: a little more rather than less, whole packets.
  [[nodiscard]] RemovedRange bytes_between(Nanoseconds begin, Nanoseconds end) const;
};

std::optional<IsoFile> read_iso_index(const std::filesystem::path& index);

} // namespace pult::packager::jobs
