#include "packager/jobs/publish.hpp"

#include "packager/jobs/erase.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code unknown;
  for (const auto& entry : fs::recursive_directory_iterator(folder, unknown))
    if (entry.is_regular_file(unknown)) bytes += entry.file_size(unknown);
  return bytes;
}

Result<std::uint64_t> remove_folder(const fs::path& folder) {
  const auto bytes = bytes_below(folder);
  std::error_code failed;
  if (!fs::exists(folder, failed)) return std::uint64_t{0};
  fs::remove_all(folder, failed);
  if (failed) return Error{Errc::kIo, "remove " + folder.string() + ": " + failed.message()};
  return bytes;
}

std::vector<fs::path> archive_dirs(const ArchiveFolders& archive) {
  std::vector<fs::path> dirs{archive.data_dir};
  if (!archive.second_dir.empty()) dirs.push_back(archive.second_dir);
  return dirs;
}

} // namespace

Result<json::object> publish_talk(const ArchiveFolders& archive, const Talk& talk) {
  const auto draft = archive.drafts() / talk.slug;
  const auto target = archive.talks() / talk.slug;
  std::error_code failed;
  const bool complete = fs::exists(draft / "talk.json", failed);
  if (!complete && fs::exists(target / "talk.json", failed))
    return Error{Errc::kRefused, "\"" + talk.title + "\" is public already, and there is no newer cut of it"};
  if (!complete)
    return Error{Errc::kRefused,
                 "\"" + talk.title + "\" has no finished draft yet; see `pult archive show " + talk.id + "`"};
  fs::create_directories(archive.talks(), failed);
  // A newer cut takes the place of the one that is public; a moment in between there is none.
  const auto before = archive.drafts() / (talk.slug + ".before");
  fs::remove_all(before, failed);
  if (fs::exists(target, failed)) fs::rename(target, before, failed);
  fs::rename(draft, target, failed);
  if (failed) return Error{Errc::kIo, "publish to " + target.string() + ": " + failed.message()};
  std::error_code ignored;
  fs::remove_all(before, ignored);
  // What only organisers need stays behind.
  for (const auto* name : {"cut.json", "thumbs.jpg", "waveform.json"})
    fs::remove(target / name, failed);
  for (const auto& entry : fs::directory_iterator(target, failed))
    if (entry.path().extension() == ".m3u8") fs::remove(entry.path(), failed);
  return json::object{{"path", "/talks/" + talk.slug + "/"}, {"bytes", bytes_below(target)}};
}

Result<json::object> withdraw_talk(const ArchiveFolders& archive, const Talk& talk) {
  json::array removed;
  std::uint64_t bytes = 0;
  const auto note = [&](std::string what, std::uint64_t count) {
    if (count == 0) return;
    bytes += count;
    removed.emplace_back(fmt::format("{}: {:.1f} MB", what, static_cast<double>(count) / 1e6));
  };
  for (const auto& [what, folder] :
       {std::pair{"public files", archive.talks() / talk.slug}, std::pair{"draft", archive.drafts() / talk.slug}}) {
    auto gone = remove_folder(folder);
    if (!gone) return gone.error();
    note(what, *gone);
  }
  if (talk.marks.out > talk.marks.in)
    for (const auto& dir : archive_dirs(archive)) {
      auto programme = erase_programme(dir / "program", talk.show, talk.marks);
      if (!programme) return programme.error();
      note("recording of the programme in " + dir.string(), *programme);
      auto feeds = erase_feeds(dir / "iso", talk.marks);
      if (!feeds) return feeds.error();
      note("recordings of the feeds in " + dir.string(), *feeds);
    }
  return json::object{
      {"removed", std::move(removed)},
      {"bytes", bytes},
      {"remains",
       "caches between here and viewers may hold files of the talk for up to an hour and live segments for as long "
       "as the rewind window; what was downloaded elsewhere is not reached; where it was exported to, the next export "
       "takes it away"}};
}

} // namespace pult::packager::jobs
