// What pultd asks for: one piece of slow work about one talk, as JSON on the wire. Pure; any thread.
//
// {"id": 12, "kind": "cut", "talk": {"id","slug","title","speakers":[],"language","show","marks":{"in","out"},
//  "chapters":[{"at","text"}], …}, "source": {"feed","delay_ms","sound_offset_ms"}?, "to": "DIR or remote"?}
// Marks and chapters are programme wall times in ns. Members that are not known here are kept: the talk as it came is
// what talk.json is made of.
#pragma once

#include "packager/jobs/talk_file.hpp"

#include <boost/json/object.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pult::packager::jobs {

enum class JobKind { kCut, kPublish, kWithdraw, kPages, kExport };
const char* name_of(JobKind kind);

struct Talk {
  std::string id, slug, title, subtitle, language, show, date;
  std::vector<std::string> speakers;
  Marks marks;
  std::vector<Chapter> chapters; // still at wall times
  boost::json::object all;
};

struct Job {
  std::int64_t id = 0;
  JobKind kind = JobKind::kPages;
  Talk talk;               // not for pages and export
  std::string source_feed; // a cut from a feed's own recording; empty: the programme
  std::chrono::milliseconds feed_delay{0};
  std::chrono::milliseconds sound_offset{0};
  std::string to; // export
};

Result<Job> job_from_json(const boost::json::object& job);

// A name in the file system and in URLs: [a-z0-9-], 1 to 80; what a stranger writes never gets through.
[[nodiscard]] bool is_slug(std::string_view text);
// "od26-17-deu-buergerdienste_hd.mp4".
[[nodiscard]] std::string download_name(const std::string& acronym, const Talk& talk, std::string_view kind,
                                        std::string_view extension);

} // namespace pult::packager::jobs
