#include "packager/jobs/export.hpp"

#include "base/file.hpp"
#include "packager/jobs/outside_tool.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

namespace pult::packager::jobs {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::string_view kRclone = "rclone:";

// True when `inner` is `outer` or lies in it.
bool lies_in(const fs::path& inner, const fs::path& outer) {
  std::error_code unknown;
  const auto a = fs::weakly_canonical(inner, unknown), b = fs::weakly_canonical(outer, unknown);
  return std::mismatch(b.begin(), b.end(), a.begin(), a.end()).first == b.end();
}

std::set<std::string> public_talks(const ArchiveFolders& archive) {
  std::set<std::string> slugs;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(archive.talks(), failed))
    if (fs::exists(entry.path() / "talk.json", failed)) slugs.insert(entry.path().filename().string());
  return slugs;
}

// What earlier exports put where.
class Exported {
 public:
  explicit Exported(const ArchiveFolders& archive) : file_(archive.data_dir / "exported.json") {
    const auto text = read_file(file_);
    json::error_code wrong;
    auto parsed = text ? json::parse(*text, wrong) : json::value();
    if (!wrong && parsed.is_object()) all_ = std::move(parsed.get_object());
  }

  [[nodiscard]] std::set<std::string> at(const std::string& to) const {
    std::set<std::string> slugs;
    const auto* list = all_.if_contains(to);
    if (list == nullptr || !list->is_array()) return slugs;
    for (const auto& entry : list->get_array())
      if (entry.is_string() && is_slug(entry.get_string())) slugs.emplace(entry.get_string());
    return slugs;
  }

  Result<void> keep(const std::string& to, const std::set<std::string>& slugs) {
    json::array list;
    for (const auto& slug : slugs)
      list.emplace_back(slug);
    all_[to] = std::move(list);
    return replace_file(file_, json::serialize(all_), true);
  }

 private:
  fs::path file_;
  json::object all_;
};

// Filters, the first that matches counts: talks that are gone may be deleted, nothing else beside our folders may.
Result<void> by_rsync(const std::string& from, const std::string& to, const std::set<std::string>& gone,
                      const Report& report) {
  std::vector<std::string> argv{"rsync", "-a", "--delete-after", "--delay-updates", "--partial-dir=.pult-partial"};
  for (const auto& slug : gone)
    argv.push_back("--filter=R /" + slug);
  for (const auto* rule : {"--filter=P /*", "--", from.c_str(), to.c_str()})
    argv.emplace_back(rule);
  return run_tool(argv, "rsync", report);
}

Result<void> by_rclone(const std::string& from, const std::string& to, const std::set<std::string>& gone,
                       const Report& report) {
  auto done = run_tool({"rclone", "copy", "--", from, to}, "rclone", report);
  for (const auto& slug : gone)
    if (done) done = run_tool({"rclone", "delete", "--rmdirs", "--", to + "/" + slug}, "rclone", report);
  return done;
}

} // namespace

Result<json::object> export_talks(const ArchiveFolders& archive, const std::string& to, const Report& report) {
  if (to.empty()) return Error{Errc::kInvalidArgument, "export: where to? a folder, host:path, or rclone:remote:path"};
  const auto from = archive.talks().string() + "/";
  std::error_code failed;
  if (!fs::exists(archive.talks(), failed))
    return Error{Errc::kRefused, "no talk is public yet; there is nothing to export"};
  const bool remote = to.find(':') != std::string::npos;
  if (!remote && (lies_in(to, archive.data_dir) || lies_in(archive.talks(), to)))
    return Error{Errc::kRefused, "export: " + to + " lies in the archive itself or holds it; name another folder"};
  if (!report("export", 0)) return Error{Errc::kUnavailable, "stopped"};
  if (!remote) fs::create_directories(to, failed);
  if (failed) return Error{Errc::kIo, "export: create " + to + ": " + failed.message()};
  Exported exported(archive);
  const auto now = public_talks(archive);
  auto before = exported.at(to);
  auto gone = before;
  for (const auto& slug : now)
    gone.erase(slug);
  before.insert(now.begin(), now.end());
  if (auto kept = exported.keep(to, before); !kept) return kept.error(); // also when it breaks off
  const auto done = to.starts_with(kRclone) ? by_rclone(from, to.substr(kRclone.size()), gone, report)
                                            : by_rsync(from, to, gone, report);
  if (!done) return done.error();
  if (auto kept = exported.keep(to, now); !kept) return kept.error();
  return json::object{{"to", to}, {"talks", now.size()}, {"removed", gone.size()}};
}

} // namespace pult::packager::jobs
