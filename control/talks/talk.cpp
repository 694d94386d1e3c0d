#include "control/talks/talk.hpp"

#include "control/room_time.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace pult::control {
namespace {

namespace json = boost::json;

constexpr std::array kStates{TalkState::kUnrecorded, TalkState::kPlanned,  TalkState::kRunning,
                             TalkState::kRecorded,   TalkState::kDraft,    TalkState::kPublished,
                             TalkState::kWithdrawn,  TalkState::kCancelled};
constexpr std::size_t kLongestSlug = 60;

// Letters that a file name can say otherwise.
constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kWrittenOut{
    {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"Ä", "ae"}, {"Ö", "oe"}, {"Ü", "ue"}, {"ß", "ss"}, {"é", "e"},
     {"è", "e"},  {"ê", "e"},  {"á", "a"},  {"à", "a"},  {"â", "a"},  {"ó", "o"},  {"ô", "o"},  {"ú", "u"},
     {"û", "u"},  {"í", "i"},  {"î", "i"},  {"ç", "c"},  {"ñ", "n"},  {"ł", "l"}}};

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

const json::array* array_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr ? value->if_array() : nullptr;
}

TalkState state_named(std::string_view name) {
  const auto found = std::find_if(kStates.begin(), kStates.end(), [&](TalkState one) { return name == name_of(one); });
  return found != kStates.end() ? *found : TalkState::kPlanned;
}

} // namespace

const char* name_of(TalkState state) {
  switch (state) {
  case TalkState::kPlanned:
    return "planned";
  case TalkState::kRunning:
    return "running";
  case TalkState::kRecorded:
    return "recorded";
  case TalkState::kDraft:
    return "draft";
  case TalkState::kPublished:
    return "published";
  case TalkState::kWithdrawn:
    return "withdrawn";
  case TalkState::kUnrecorded:
    return "unrecorded";
  case TalkState::kCancelled:
    break;
  }
  return "cancelled";
}

bool Talk::over() const {
  return state == TalkState::kRecorded || state == TalkState::kDraft || state == TalkState::kPublished ||
         state == TalkState::kWithdrawn || state == TalkState::kUnrecorded;
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const auto& name : names)
    all += (all.empty() ? "" : ", ") + name;
  return all;
}

json::object to_json(const Talk& talk) {
  json::array speakers, chapters, edited;
  for (const auto& speaker : talk.speakers)
    speakers.emplace_back(speaker);
  for (const auto& chapter : talk.chapters)
    chapters.push_back({{"at", chapter.at.count()}, {"text", chapter.text}});
  for (const auto& field : talk.edited)
    edited.emplace_back(field);
  json::object out{{"id", talk.id},
                   {"guid", talk.guid},
                   {"slug", talk.slug},
                   {"title", talk.title},
                   {"subtitle", talk.subtitle},
                   {"abstract", talk.abstract},
                   {"description", talk.description},
                   {"speakers", std::move(speakers)},
                   {"language", talk.language},
                   {"track", talk.track},
                   {"room", talk.room},
                   {"licence", talk.licence},
                   {"url", talk.url},
                   {"scene", talk.scene},
                   {"day", talk.day},
                   {"start", talk.start.count()},
                   {"date", talk.start.count() == 0 ? std::string() : iso_time(talk.start)},
                   {"duration_s", talk.duration.count()},
                   {"record", talk.record},
                   {"state", name_of(talk.state)},
                   {"show", talk.show},
                   {"chapters", std::move(chapters)},
                   {"edited", std::move(edited)},
                   {"source", {{"feed", talk.source_feed}, {"sound_offset_ms", talk.sound_offset_ms}}},
                   {"files", talk.files}};
  out["marks"] = {{"in", talk.in.count()}, {"out", talk.out.count()}};
  return out;
}

std::optional<Talk> talk_from_json(const json::object& from) {
  Talk talk;
  talk.id = text_at(from, "id");
  if (!is_talk_id(talk.id)) return std::nullopt;
  for (const auto& [key, field] : {std::pair{"guid", &talk.guid},
                                   {"slug", &talk.slug},
                                   {"title", &talk.title},
                                   {"subtitle", &talk.subtitle},
                                   {"abstract", &talk.abstract},
                                   {"description", &talk.description},
                                   {"language", &talk.language},
                                   {"track", &talk.track},
                                   {"room", &talk.room},
                                   {"licence", &talk.licence},
                                   {"url", &talk.url},
                                   {"scene", &talk.scene},
                                   {"show", &talk.show}})
    *field = text_at(from, key);
  if (const auto* speakers = array_at(from, "speakers"))
    for (const auto& speaker : *speakers)
      if (speaker.is_string()) talk.speakers.emplace_back(speaker.get_string());
  if (const auto* chapters = array_at(from, "chapters"))
    for (const auto& chapter : *chapters)
      if (const auto* one = chapter.if_object())
        talk.chapters.push_back({Nanoseconds(number_at(*one, "at")), text_at(*one, "text")});
  if (const auto* edited = array_at(from, "edited"))
    for (const auto& field : *edited)
      if (field.is_string()) talk.edited.emplace(field.get_string());
  talk.day = static_cast<int>(number_at(from, "day"));
  talk.start = Nanoseconds(number_at(from, "start"));
  talk.duration = std::chrono::seconds(number_at(from, "duration_s"));
  if (const auto* record = from.if_contains("record"); record != nullptr && record->is_bool())
    talk.record = record->get_bool();
  talk.state = state_named(text_at(from, "state"));
  if (const auto* marks = from.if_contains("marks"); marks != nullptr && marks->is_object()) {
    talk.in = Nanoseconds(number_at(marks->get_object(), "in"));
    talk.out = Nanoseconds(number_at(marks->get_object(), "out"));
  }
  if (const auto* source = from.if_contains("source"); source != nullptr && source->is_object()) {
    talk.source_feed = text_at(source->get_object(), "feed");
    talk.sound_offset_ms = number_at(source->get_object(), "sound_offset_ms");
  }
  if (const auto* files = from.if_contains("files"); files != nullptr && files->is_object())
    talk.files = files->get_object();
  return talk;
}

std::string slug_of(std::string_view title, std::string_view id) {
  std::string slug;
  const auto add = [&](char c) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool plain = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9');
    if (plain) slug += lower;
    if (!plain && !slug.empty() && slug.back() != '-') slug += '-';
  };
  for (std::size_t i = 0; i < title.size() && slug.size() < kLongestSlug;) {
    const auto written = std::find_if(kWrittenOut.begin(), kWrittenOut.end(),
                                      [&](const auto& pair) { return title.substr(i).starts_with(pair.first); });
    if (written != kWrittenOut.end()) {
      for (const char c : written->second)
        add(c);
      i += written->first.size();
    } else {
      add(title[i++]);
    }
  }
  slug.resize(std::min(slug.size(), kLongestSlug));
  while (!slug.empty() && slug.back() == '-')
    slug.pop_back();
  if (!slug.empty()) return slug;
  for (const char c : "talk-" + std::string(id))
    add(c);
  while (!slug.empty() && slug.back() == '-')
    slug.pop_back();
  return slug;
}

bool is_talk_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

} // namespace pult::control
