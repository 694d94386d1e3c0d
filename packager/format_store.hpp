// The encoders' formats, slates and silence in the run directory, so that a restarted packager can stand in for
// transcode before it answers.
//
// `formats/<track>/<init name>/` holds one format: extradata, silence, size, slates; `formats/<track>/current` names
// the newest. Small files, replaced whole. One thread (the timeline's).
#pragma once

#include <filesystem>
#include <string>

#include "packager/track_tools.hpp"

namespace pult::packager {

class FormatStore {
 public:
  struct Format {
    TrackToolsPtr tools;
    Slates slates;
  };

  explicit FormatStore(std::filesystem::path run_dir) : folder_(std::move(run_dir) / "formats") {}

  [[nodiscard]] Result<void> keep(const packet_link::Track& track, const TrackTools& tools);
  [[nodiscard]] Result<void> keep_slate(const TrackTools& tools, packet_link::SlateKind kind, ByteView idr);
  // `init_name` empty: the newest.
  [[nodiscard]] Result<Format> load(const std::string& track, const std::string& language,
                                    std::string init_name = {}) const;

 private:
  std::filesystem::path folder_;
};

} // namespace pult::packager
