#include "packager/jobs/job.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestSlug = 80;

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

const json::object* object_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

std::vector<json::value> list_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  const auto* list = value != nullptr ? value->if_array() : nullptr;
  return list != nullptr ? std::vector<json::value>(list->begin(), list->end()) : std::vector<json::value>{};
}

std::optional<JobKind> kind_of(std::string_view name) {
  for (const auto kind : {JobKind::kCut, JobKind::kPublish, JobKind::kWithdraw, JobKind::kPages, JobKind::kExport})
    if (name == name_of(kind)) return kind;
  return std::nullopt;
}

bool needs_talk(JobKind kind) {
  return kind == JobKind::kCut || kind == JobKind::kPublish || kind == JobKind::kWithdraw;
}

Talk talk_from_json(const json::object& from) {
  Talk talk;
  talk.id = text_at(from, "id");
  talk.slug = text_at(from, "slug");
  talk.title = text_at(from, "title");
  talk.subtitle = text_at(from, "subtitle");
  talk.language = text_at(from, "language");
  talk.show = text_at(from, "show");
  talk.date = text_at(from, "date");
  for (const auto& speaker : list_at(from, "speakers"))
    if (speaker.is_string()) talk.speakers.emplace_back(speaker.get_string());
  if (const auto* marks = object_at(from, "marks"))
    talk.marks = {Nanoseconds(number_at(*marks, "in")), Nanoseconds(number_at(*marks, "out"))};
  for (const auto& chapter : list_at(from, "chapters"))
    if (const auto* one = chapter.if_object())
      talk.chapters.push_back({Nanoseconds(number_at(*one, "at")), text_at(*one, "text")});
  talk.all = from;
  return talk;
}

std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-') out += c;
  return out.empty() ? "x" : out;
}

} // namespace

const char* name_of(JobKind kind) {
  switch (kind) {
  case JobKind::kCut:
    return "cut";
  case JobKind::kPublish:
    return "publish";
  case JobKind::kWithdraw:
    return "withdraw";
  case JobKind::kExport:
    return "export";
  case JobKind::kPages:
    break;
  }
  return "pages";
}

Result<Job> job_from_json(const json::object& from) {
  Job job;
  job.id = number_at(from, "id");
  const auto kind = kind_of(text_at(from, "kind"));
  if (!kind) return Error{Errc::kInvalidArgument, "job: no kind \"" + text_at(from, "kind") + "\""};
  job.kind = *kind;
  if (const auto* talk = object_at(from, "talk")) job.talk = talk_from_json(*talk);
  if (needs_talk(job.kind) && !is_slug(job.talk.slug))
    return Error{Errc::kInvalidArgument, "job: a talk's slug must be of a-z, 0-9 and -, 80 at most"};
  if (const auto* source = object_at(from, "source")) {
    job.source_feed = text_at(*source, "feed");
    job.feed_delay = std::chrono::milliseconds(number_at(*source, "delay_ms"));
    job.sound_offset = std::chrono::milliseconds(number_at(*source, "sound_offset_ms"));
  }
  job.to = text_at(from, "to");
  return job;
}

bool is_slug(std::string_view text) {
  return !text.empty() && text.size() <= kLongestSlug && text.front() != '-' &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string download_name(const std::string& acronym, const Talk& talk, std::string_view kind,
                          std::string_view extension) {
  return fmt::format("{}-{}-{}-{}_{}.{}", acronym, plain(talk.id), plain(talk.language.empty() ? "und" : talk.language),
                     talk.slug, kind, extension);
}

} // namespace pult::packager::jobs
