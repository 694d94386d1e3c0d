// talk.json: all that is known of a talk's files, for the talks page, for voctoweb (media.ccc.de's importer takes slug,
// guid, title, persons, tags, date, original_language, conversions as "recordings") and for who has only the folder.
// Pure but for sha256_of(); any thread.
#pragma once

#include "packager/jobs/archive_folders.hpp"
#include "packager/jobs/job.hpp"
#include "packager/jobs/talk_pictures.hpp"
#include "packager/jobs/talk_sound.hpp"

namespace pult::packager::jobs {

struct TalkFileFacts {
  std::string name; // in the talk's folder
  std::string download_name;
  std::string mime_type;
  FileFacts facts;
  std::string sha256; // hex
  std::string language;
};

struct TalkFacts {
  Nanoseconds length{};
  std::vector<Gap> gaps;
  std::vector<TalkFileFacts> files;
  SoundFacts sound;
  Sheet thumbs;
};

[[nodiscard]] boost::json::object talk_json(const Talk& talk, const ArchiveFolders& archive, const TalkFacts& facts);
[[nodiscard]] boost::json::object waveform_json(const SoundFacts& sound, const Sheet& thumbs);
Result<std::string> sha256_of(const std::filesystem::path& file, const Progress& progress);

} // namespace pult::packager::jobs
