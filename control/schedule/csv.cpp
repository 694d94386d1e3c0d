// CSV as spreadsheets write it (RFC 4180, with the separators and encodings of a German office).
#include "control/schedule/limits.hpp"
#include "control/schedule/texts.hpp"

#include "base/nearest.hpp"
#include "control/plain_text.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>

namespace pult::control {
namespace {

namespace limits = schedule_limits;

// The characters 0x80 to 0x9F of Windows-1252; 0 where there is none.
constexpr std::array<unsigned, 32> kWindows{0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                            0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0,      0x017D, 0,
                                            0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                            0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

std::string utf8_of_windows_1252(std::string_view bytes) {
  std::string out;
  for (const char raw : bytes) {
    const auto c = static_cast<unsigned char>(raw);
    const unsigned code = c >= 0x80 && c < 0xA0 ? kWindows[c - 0x80] : c;
    if (code < 0x80) {
      out += static_cast<char>(code);
    } else if (code < 0x800) {
      out += static_cast<char>(0xC0 | code >> 6);
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    }
  }
  return out;
}

struct Row {
  std::size_t line = 0;
  std::vector<std::string> cells;
};

std::vector<Row> rows_of(std::string_view text, char separator) {
  std::vector<Row> rows;
  Row row{1, {""}};
  std::size_t line = 1;
  bool quoted = false;
  const auto end_row = [&] {
    if (row.cells.size() > 1 || !row.cells.front().empty()) rows.push_back(std::move(row));
    row = {line, {""}};
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\n') ++line;
    auto& cell = row.cells.back();
    if (quoted) {
      const bool doubled = c == '"' && i + 1 < text.size() && text[i + 1] == '"';
      if (doubled) ++i;
      if (c == '"' && !doubled) {
        quoted = false;
      } else {
        cell += c;
      }
    } else if (c == '"' && trimmed(cell).empty()) {
      cell.clear();
      quoted = true;
    } else if (c == separator) {
      row.cells.emplace_back();
    } else if (c == '\n') {
      end_row();
    } else if (c != '\r') {
      cell += c;
    }
    if (rows.size() > limits::kTalks) break;
  }
  end_row();
  return rows;
}

// What columns may be called; the first is the name in messages.
const std::map<std::string, std::vector<std::string>>& column_names() {
  static const std::map<std::string, std::vector<std::string>> names{
      {"date", {"date", "datum", "tag"}},
      {"start", {"start", "beginn", "anfang", "zeit", "uhrzeit"}},
      {"duration", {"duration", "dauer", "länge", "laenge", "minuten"}},
      {"room", {"room", "raum", "saal"}},
      {"title", {"title", "titel", "vortrag", "thema"}},
      {"speakers", {"speakers", "speaker", "referenten", "referent", "sprecher", "vortragende", "name"}},
      {"language", {"language", "sprache"}},
      {"record", {"record", "aufzeichnung", "aufnahme", "aufzeichnen"}},
      {"id", {"id", "nr", "nummer"}},
      {"track", {"track", "reihe", "themenfeld"}},
      {"abstract", {"abstract", "beschreibung", "description"}},
      {"subtitle", {"subtitle", "untertitel"}}};
  return names;
}

std::string lower(std::string text) {
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

using Columns = std::map<std::string, std::size_t>;

Result<Columns> columns_of(const Row& head, std::vector<std::string>& remarks) {
  Columns columns;
  std::vector<std::string> known;
  for (const auto& [column, names] : column_names())
    known.insert(known.end(), names.begin(), names.end());
  for (std::size_t i = 0; i < head.cells.size(); ++i) {
    const auto name = lower(trimmed(head.cells[i]));
    bool found = false;
    for (const auto& [column, names] : column_names())
      if (std::find(names.begin(), names.end(), name) != names.end()) found = columns.emplace(column, i).second;
    if (!found && !name.empty())
      remark(remarks,
             fmt::format("line 1: column \"{}\" is not read{}", harmless(name, 60), did_you_mean(name, known)));
  }
  for (const auto* needed : {"date", "start", "duration", "title"})
    if (!columns.contains(needed))
      return Error{
          Errc::kInvalidArgument,
          fmt::format("line 1 has no column \"{}\"; needed are date;start;duration;room;title;speakers;language;record",
                      needed)};
  return columns;
}

std::vector<std::string> names_of(const std::string& text) {
  std::vector<std::string> names;
  const char separator = text.find(';') != std::string::npos ? ';' : text.find('/') != std::string::npos ? '/' : ',';
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find(separator), rest.size());
    if (auto name = trimmed(rest.substr(0, end)); !name.empty() && names.size() < limits::kSpeakers)
      names.push_back(std::move(name));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return names;
}

// Nothing for what is neither yes nor no.
std::optional<bool> yes_of(const std::string& text) {
  const auto word = lower(trimmed(text));
  for (const auto* yes : {"", "ja", "j", "yes", "y", "x", "1", "true", "wahr"})
    if (word == yes) return true;
  for (const auto* no : {"nein", "n", "no", "0", "false", "falsch", "-"})
    if (word == no) return false;
  return std::nullopt;
}

// "1126-1030": the same line gives the same id again, also when lines above it come or go. Other rooms' talks may have
// the same; they are not ours.
std::string made_id(Nanoseconds start) {
  const auto iso = iso_time(start);
  return iso.substr(5, 2) + iso.substr(8, 2) + "-" + iso.substr(11, 2) + iso.substr(14, 2);
}

} // namespace

Result<RawSchedule> read_schedule_csv(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) bytes.remove_prefix(3);
  const auto text = is_utf8(bytes) ? std::string(bytes) : utf8_of_windows_1252(bytes);
  const auto first = std::string_view(text).substr(0, text.find('\n'));
  const char separator = first.find(';') != std::string_view::npos    ? ';'
                         : first.find('\t') != std::string_view::npos ? '\t'
                                                                      : ',';
  const auto rows = rows_of(text, separator);
  if (rows.size() > limits::kTalks) return Error{Errc::kLimit, fmt::format("more than {} lines", limits::kTalks)};
  RawSchedule schedule;
  if (rows.empty()) return Error{Errc::kInvalidArgument, "it is empty"};
  const auto columns = columns_of(rows.front(), schedule.remarks);
  if (!columns) return columns.error();
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const auto& row = rows[i];
    const auto here = fmt::format("line {}", row.line);
    const auto cell = [&](const char* name) {
      const auto column = columns->find(name);
      const bool there = column != columns->end() && column->second < row.cells.size();
      return there ? tidy_text(row.cells[column->second],
                               std::string_view(name) == "abstract" ? limits::kText : limits::kTitle,
                               here + ", " + name, schedule.remarks)
                   : std::string();
    };
    Talk talk;
    const auto date = cell("date"), start = cell("start");
    const auto begin = local_time(date, start);
    const auto length = duration_of(cell("duration"));
    const auto record = yes_of(cell("record"));
    talk.title = cell("title");
    if (talk.title.empty() && date.empty()) continue; // a line of separators
    if (!begin || !length || talk.title.empty()) {
      remark(schedule.remarks,
             fmt::format("{}: {}; left out", here,
                         !begin    ? fmt::format("\"{} {}\" is no date and time (26.11.2026 and 10:30)", date, start)
                         : !length ? fmt::format("\"{}\" is no length (45, 0:45 or 45 min)", cell("duration"))
                                   : "no title"));
      continue;
    }
    if (!record)
      remark(schedule.remarks,
             fmt::format("{}: \"{}\" under record is neither yes nor no; taken for no", here, cell("record")));
    talk.start = *begin;
    talk.duration = *length;
    talk.record = record.value_or(false);
    talk.room = cell("room");
    talk.subtitle = cell("subtitle");
    talk.track = cell("track");
    talk.abstract = cell("abstract");
    talk.language = three_letters(cell("language"));
    talk.speakers = names_of(cell("speakers"));
    talk.id = id_of(cell("id"));
    if (talk.id.empty()) talk.id = made_id(talk.start);
    schedule.talks.push_back(std::move(talk));
  }
  return schedule;
}

} // namespace pult::control
