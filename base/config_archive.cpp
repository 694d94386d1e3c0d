#include "base/config_archive.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace pult {
namespace {

namespace fs = std::filesystem;

constexpr int kMostDays = 36500;
constexpr int kMostKbps = 10'000'000;
constexpr std::size_t kLongestAcronym = 12;

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_acronym(std::string_view text) {
  return !text.empty() && text.size() <= 32 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), [](char c) { return is_plain(c) || c == '-'; });
}

bool is_web_address(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

fs::path beside(const RoomConfig& config, const std::string& path) {
  return (config.file.parent_path() / path).lexically_normal();
}

} // namespace

std::string acronym_of(std::string_view event) {
  std::string initials, word;
  int words = 0;
  bool inside = false;
  for (const char raw : event) {
    const char c = lower(raw);
    const bool separates = raw == ' ' || raw == '-' || raw == '_';
    if (is_plain(c) && !inside) initials += c, ++words;
    if (is_plain(c) && words == 1) word += c;
    if (!separates) inside = true; // an umlaut begins a word, too, but stands in no file name
    if (separates) inside = false;
  }
  auto acronym = words > 1 ? initials : word;
  acronym.resize(std::min(acronym.size(), kLongestAcronym));
  return acronym.empty() ? "talk" : acronym;
}

void read_archive(TomlTable& root, RoomConfig& config) {
  auto table = root.table("archive");
  auto& archive = config.archive;
  table.boolean("record", archive.record);
  table.boolean("iso", archive.iso);
  std::string second;
  table.text("second_dir", second);
  if (!second.empty()) archive.second_dir = beside(config, second);
  if (!second.empty() && archive.second_dir == config.data_dir)
    table.fault("second_dir", "\"second_dir\" in [archive] is data_dir itself; name a folder on another disk");
  table.duration("keep_days", archive.keep, 0, kMostDays);
  table.duration("iso_keep_days", archive.iso_keep, 0, kMostDays);
  archive.acronym = acronym_of(config.event.empty() ? config.name : config.event);
  table.text("acronym", archive.acronym);
  if (!is_acronym(archive.acronym))
    table.fault("acronym", "\"acronym\" in [archive] must be of a-z, 0-9 and -, 32 at most, like \"od26\"");
  table.text("licence", archive.licence);
  table.boolean("auto_publish", archive.auto_publish);
  table.integer("download_kbps", archive.download_kbps, 0, kMostKbps);
  table.text("base_url", archive.base_url);
  if (!archive.base_url.empty() && !is_web_address(archive.base_url))
    table.fault("base_url", "\"base_url\" in [archive] must begin with https:// or http://");
  while (archive.base_url.ends_with('/'))
    archive.base_url.pop_back();
  table.finish();
}

void read_schedule(TomlTable& root, RoomConfig& config) {
  auto table = root.table("schedule");
  auto& schedule = config.schedule;
  table.text("source", schedule.source);
  if (!schedule.source.empty() && !is_web_address(schedule.source))
    schedule.source = beside(config, schedule.source).string();
  table.duration("poll_s", schedule.poll, 10, 86400);
  schedule.room = config.name;
  table.text("room", schedule.room);
  table.boolean("auto_start", schedule.auto_start);
  table.boolean("auto_stop", schedule.auto_stop);
  table.finish();
}

} // namespace pult
