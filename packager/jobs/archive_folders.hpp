// Where the archive lies below data_dir, and what stands in it about the event. Any thread.
#pragma once

#include "base/config.hpp"

namespace pult::packager::jobs {

struct ArchiveFolders {
  std::filesystem::path data_dir;
  std::filesystem::path second_dir; // empty: none
  std::string acronym, event, room, licence, base_url, language;
  int fps = 25;
  std::chrono::milliseconds segment{1920};
  std::filesystem::path web; // the talks page as it was built

  [[nodiscard]] std::filesystem::path program() const { return data_dir / "program"; }
  [[nodiscard]] std::filesystem::path iso() const { return data_dir / "iso"; }
  [[nodiscard]] std::filesystem::path drafts() const { return data_dir / "drafts"; }
  [[nodiscard]] std::filesystem::path talks() const { return data_dir / "public" / "talks"; }
};

[[nodiscard]] inline ArchiveFolders archive_of(const RoomConfig& config, std::filesystem::path web) {
  return {config.data_dir,        config.archive.second_dir, config.archive.acronym, config.event, config.name,
          config.archive.licence, config.archive.base_url,   config.language,        config.fps,   config.segment,
          std::move(web)};
}

} // namespace pult::packager::jobs
