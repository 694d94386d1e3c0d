#include "control/schedule/texts.hpp"

#include "control/plain_text.hpp"
#include "control/schedule/limits.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <fmt/format.h>

namespace pult::control {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kLanguages{{{"de", "deu"},
                                                                                    {"en", "eng"},
                                                                                    {"fr", "fra"},
                                                                                    {"es", "spa"},
                                                                                    {"it", "ita"},
                                                                                    {"pl", "pol"},
                                                                                    {"tr", "tur"},
                                                                                    {"uk", "ukr"},
                                                                                    {"ru", "rus"},
                                                                                    {"nl", "nld"},
                                                                                    {"pt", "por"},
                                                                                    {"ar", "ara"}}};

// Length in bytes of the UTF-8 character that begins there, 0 when it is broken.
std::size_t character_at(std::string_view text, std::size_t at) {
  for (std::size_t length = 1; length <= 4 && at + length <= text.size(); ++length)
    if (is_utf8(text.substr(at, length))) return length;
  return 0;
}

// U+202A…202E, U+2066…2069, U+200E, U+200F: they turn a line around.
bool turns_around(std::string_view character) {
  if (character.size() != 3 || static_cast<unsigned char>(character[0]) != 0xE2) return false;
  const auto second = static_cast<unsigned char>(character[1]), third = static_cast<unsigned char>(character[2]);
  if (second == 0x80) return (third >= 0xAA && third <= 0xAE) || third == 0x8E || third == 0x8F;
  return second == 0x81 && third >= 0xA6 && third <= 0xA9;
}

std::optional<int> number_of(std::string_view text) {
  int value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

} // namespace

void remark(std::vector<std::string>& remarks, std::string text) {
  if (remarks.size() < schedule_limits::kRemarks) remarks.push_back(std::move(text));
  if (remarks.size() == schedule_limits::kRemarks) remarks.emplace_back("… and more; mend these first");
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kBlank) - first + 1));
}

std::string tidy_text(std::string_view raw, std::size_t longest, const std::string& where,
                      std::vector<std::string>& remarks) {
  const auto text = trimmed(raw);
  std::string out;
  std::size_t characters = 0, taken_out = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = character_at(text, at);
    const auto character = std::string_view(text).substr(at, std::max<std::size_t>(1, length));
    at += character.size();
    const bool line = character == "\n" || character == "\t";
    const bool control =
        length == 1 && (static_cast<unsigned char>(character[0]) < 0x20 || character[0] == 0x7f) && !line;
    if (length == 0 || control || turns_around(character)) {
      ++taken_out;
      continue;
    }
    if (++characters > longest) {
      remark(remarks, fmt::format("{}: longer than {} characters; cut", where, longest));
      break;
    }
    out += character;
  }
  if (taken_out > 0) remark(remarks, fmt::format("{}: {} broken or hidden characters are left out", where, taken_out));
  return out;
}

std::optional<std::chrono::seconds> duration_of(std::string_view raw) {
  auto text = trimmed(raw);
  for (const std::string_view unit : {"minuten", "Minuten", "minutes", "Min.", "min.", "Min", "min", "m", "'"})
    if (text.ends_with(unit)) {
      text = trimmed(std::string_view(text).substr(0, text.size() - unit.size()));
      break;
    }
  std::array<int, 3> parts{};
  std::size_t count = 0;
  std::string_view rest = text;
  while (count < parts.size()) {
    const auto end = std::min(rest.find(':'), rest.size());
    const auto value = number_of(rest.substr(0, end));
    if (!value || *value > 100000) return std::nullopt;
    parts[count++] = *value;
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  if (count == 1) return std::chrono::minutes(parts[0]);
  return std::chrono::hours(parts[0]) + std::chrono::minutes(parts[1]) + std::chrono::seconds(parts[2]);
}

std::optional<Nanoseconds> local_time(const std::string& date, const std::string& time) {
  std::tm parts{};
  const char* end = nullptr;
  for (const char* form : {"%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"}) {
    end = ::strptime(date.c_str(), form, &parts);
    if (end != nullptr && *end == '\0') break;
    end = nullptr;
  }
  if (end == nullptr || parts.tm_year < 100) return std::nullopt;
  end = nullptr;
  for (const char* form : {"%H:%M:%S", "%H:%M", "%H.%M"}) {
    end = ::strptime(time.c_str(), form, &parts);
    if (end != nullptr && (*end == '\0' || std::string_view(end) == " Uhr")) break;
    end = nullptr;
  }
  if (end == nullptr) return std::nullopt;
  const auto day = parts.tm_mday;
  parts.tm_isdst = -1;
  const auto seconds = ::mktime(&parts);
  if (parts.tm_mday != day) return std::nullopt; // 31.2.
  return std::chrono::seconds(seconds);
}

std::string three_letters(std::string_view language) {
  std::string lower;
  for (const char c : language.substr(0, std::min(language.find_first_of("-_"), language.size())))
    lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  for (const auto& [two, three] : kLanguages)
    if (lower == two) return std::string(three);
  if (lower == "deutsch" || lower == "german") return "deu";
  if (lower == "englisch" || lower == "english") return "eng";
  return lower.size() == 3 ? lower : std::string();
}

std::string id_of(std::string_view text) {
  std::string id;
  for (const char c : text.substr(0, 64)) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    id += plain ? c : '-';
  }
  return id;
}

} // namespace pult::control
