#include "packager/jobs/pages.hpp"

#include "base/file.hpp"
#include "packager/jobs/job.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <ctime>
#include <fmt/format.h>

namespace pult::packager::jobs {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

// What index.json needs of a talk; the rest stays in its own talk.json.
constexpr const char* kIndexed[] = {"id",       "guid",   "slug",     "title", "subtitle", "persons",
                                    "language", "track",  "day",      "date",  "length",   "duration",
                                    "abstract", "poster", "chapters", "room",  "event",    "licence"};

std::string text_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::string persons_of(const json::object& talk) {
  std::string all;
  const auto* persons = talk.if_contains("persons");
  if (persons == nullptr || !persons->is_array()) return all;
  for (const auto& person : persons->get_array())
    if (person.is_string()) all += (all.empty() ? "" : ", ") + std::string(person.get_string());
  return all;
}

// The first recording with that MIME type; null for none.
const json::object* recording_of(const json::object& talk, std::string_view mime_type) {
  const auto* list = talk.if_contains("recordings");
  if (list == nullptr || !list->is_array()) return nullptr;
  for (const auto& entry : list->get_array())
    if (const auto* one = entry.if_object(); one != nullptr && text_at(*one, "mime_type") == mime_type) return one;
  return nullptr;
}

json::object index_entry(const json::object& talk) {
  json::object entry;
  for (const auto* key : kIndexed)
    if (const auto* value = talk.if_contains(key)) entry[key] = *value;
  json::array files;
  for (const auto* type : {"video/mp4", "audio/mp4"})
    if (const auto* file = recording_of(talk, type)) {
      json::object one;
      for (const auto* key : {"filename", "download", "mime_type", "bytes", "length", "width", "height"})
        if (const auto* value = file->if_contains(key)) one[key] = *value;
      files.push_back(std::move(one));
    }
  entry["recordings"] = std::move(files);
  return entry;
}

json::array read_talks(const fs::path& folder) {
  std::vector<json::object> talks;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed)) {
    if (!entry.is_directory(failed) || !is_slug(entry.path().filename().string())) continue;
    const auto text = read_file(entry.path() / "talk.json");
    json::error_code wrong;
    const auto parsed = text ? json::parse(*text, wrong) : json::value();
    if (wrong || !parsed.is_object()) continue;
    auto talk = index_entry(parsed.get_object());
    talk["slug"] = entry.path().filename().string(); // the folder is the truth
    // Captions that somebody laid beside it.
    json::array captions;
    for (const auto& file : fs::directory_iterator(entry.path(), failed))
      if (file.path().extension() == ".vtt") captions.emplace_back(file.path().filename().string());
    if (!captions.empty()) talk["captions"] = std::move(captions);
    talks.push_back(std::move(talk));
  }
  std::sort(talks.begin(), talks.end(), [](const json::object& a, const json::object& b) {
    return std::pair(text_at(a, "date"), text_at(a, "slug")) < std::pair(text_at(b, "date"), text_at(b, "slug"));
  });
  json::array list;
  for (auto& talk : talks)
    list.emplace_back(std::move(talk));
  return list;
}

// RFC 822 as RSS 2.0 wants it, from "2026-11-26T10:00:00+01:00"; empty when it is none.
std::string rss_date(const std::string& iso) {
  std::tm parts{};
  const char* rest = ::strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
  if (rest == nullptr) return {};
  std::string zone = "+0000";
  if (*rest == '+' || *rest == '-')
    zone = std::string(rest, 3) + std::string(rest + 4, std::min<std::size_t>(2, std::string_view(rest).size() - 4));
  static constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                            "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto day = parts;
  ::timegm(&day); // for the day of the week
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} {}", kDays[day.tm_wday], parts.tm_mday, kMonths[parts.tm_mon],
                     parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec, zone);
}

std::string clock(std::int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::int64_t number_at(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string address(const ArchiveFolders& archive, const std::string& below) {
  return archive.base_url + "/talks/" + below;
}

std::string item_text(const ArchiveFolders& archive, const json::object& talk, const json::object& file) {
  const auto slug = text_at(talk, "slug");
  const auto persons = persons_of(talk);
  auto guid = text_at(talk, "guid");
  if (guid.empty()) guid = slug;
  return fmt::format(
      "<item><title>{}</title><link>{}</link><guid isPermaLink=\"false\">{}</guid>{}"
      "<description>{}</description><enclosure url=\"{}\" length=\"{}\" type=\"{}\"/>"
      "<itunes:author>{}</itunes:author><itunes:duration>{}</itunes:duration><itunes:image href=\"{}\"/>"
      "<itunes:explicit>false</itunes:explicit></item>\n",
      escaped(text_at(talk, "title")), escaped(address(archive, slug + "/")), escaped(guid),
      [&] {
        const auto date = rss_date(text_at(talk, "date"));
        return date.empty() ? std::string() : "<pubDate>" + date + "</pubDate>";
      }(),
      escaped(text_at(talk, "abstract")), escaped(address(archive, slug + "/" + text_at(file, "filename"))),
      number_at(file, "bytes"), escaped(text_at(file, "mime_type")), escaped(persons),
      clock(number_at(talk, "duration")), escaped(address(archive, slug + "/poster.jpg")));
}

// Podcast directories want a picture of the channel: the newest talk's.
std::string cover_text(const ArchiveFolders& archive, const json::array& talks) {
  if (talks.empty()) return {};
  const auto slug = text_at(talks.back().get_object(), "slug");
  return "<itunes:image href=\"" + escaped(address(archive, slug + "/poster.jpg")) + "\"/>";
}

// "de" of "de.vtt" and of "vortrag.de.vtt"; the talk's own where the name does not say.
std::string caption_language(const std::string& file, const std::string& talk_language) {
  const auto stem = fs::path(file).stem().string();
  const auto word = stem.substr(stem.rfind('.') + 1); // npos + 1 is 0
  const bool code = (word.size() == 2 || word.size() == 3) &&
                    std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
  return code ? word : talk_language.substr(0, 2);
}

Result<void> copy_page(const fs::path& from, const fs::path& into) {
  std::error_code failed;
  if (!fs::exists(from / "index.html", failed)) return {}; // built without pages: the files are all there is
  for (const auto& entry : fs::recursive_directory_iterator(from, failed)) {
    const auto target = into / fs::relative(entry.path(), from, failed);
    if (entry.is_directory(failed)) fs::create_directories(target, failed);
    if (!entry.is_regular_file(failed)) continue;
    const auto text = read_file(entry.path());
    if (!text) return text.error();
    const auto there = read_file(target);
    if (there && *there == *text) continue;
    if (auto done = replace_file(target, *text); !done) return done;
    fs::permissions(target, fs::perms(0644), failed);
  }
  return {};
}

Result<void> replace_public(const fs::path& file, std::string_view text) {
  auto done = replace_file(file, text, true);
  std::error_code ignored;
  if (done) fs::permissions(file, fs::perms(0644), ignored); // for any web server
  return done;
}

} // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
    case '&':
      out += "&amp;";
      break;
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '"':
      out += "&quot;";
      break;
    case '\'':
      out += "&#39;";
      break;
    default:
      // XML 1.0 has no way to say other control characters.
      if (static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\t') out += c;
    }
  }
  return out;
}

std::string feed_text(const ArchiveFolders& archive, const json::array& talks, bool audio) {
  const auto title = archive.event.empty() ? archive.room : archive.event;
  auto out = fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" "
                         "xmlns:itunes=\"http://www.itunes.com/dtds/podcast-1.0.dtd\" "
                         "xmlns:atom=\"http://www.w3.org/2005/Atom\">\n<channel><title>{0}</title><link>{1}</link>"
                         "<description>{0}</description><language>{2}</language>"
                         "<atom:link href=\"{3}\" rel=\"self\" type=\"application/rss+xml\"/>"
                         "<itunes:author>{0}</itunes:author><itunes:explicit>false</itunes:explicit>"
                         "<itunes:category text=\"Government\"/>{4}\n",
                         escaped(title), escaped(address(archive, "")), escaped(archive.language),
                         escaped(address(archive, audio ? "feed-audio.xml" : "feed.xml")), cover_text(archive, talks));
  for (auto it = talks.rbegin(); it != talks.rend(); ++it) { // the newest first
    const auto& talk = it->get_object();
    if (const auto* file = recording_of(talk, audio ? "audio/mp4" : "video/mp4"))
      out += item_text(archive, talk, *file);
  }
  return out + "</channel>\n</rss>\n";
}

std::string sitemap_text(const ArchiveFolders& archive, const json::array& talks) {
  auto out = std::string("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                         "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
  out += "<url><loc>" + escaped(address(archive, "")) + "</loc></url>\n";
  for (const auto& talk : talks)
    out += "<url><loc>" + escaped(address(archive, text_at(talk.get_object(), "slug") + "/")) + "</loc></url>\n";
  return out + "</urlset>\n";
}

// For search engines, link previews and browsers without scripts; the page itself shows the player.
std::string talk_page(const ArchiveFolders& archive, const json::object& talk) {
  const auto slug = text_at(talk, "slug");
  const auto title = escaped(text_at(talk, "title"));
  const auto persons = escaped(persons_of(talk));
  const auto about = escaped(text_at(talk, "abstract"));
  std::string downloads;
  if (const auto* list = talk.if_contains("recordings"); list != nullptr && list->is_array())
    for (const auto& entry : list->get_array()) {
      const auto& file = entry.get_object();
      downloads += fmt::format("<li><a href=\"{0}\" download=\"{1}\">{1}</a></li>", escaped(text_at(file, "filename")),
                               escaped(text_at(file, "download")));
    }
  std::string captions;
  if (const auto* list = talk.if_contains("captions"); list != nullptr && list->is_array())
    for (const auto& name : list->get_array()) {
      const auto file = std::string(name.get_string());
      const auto language = caption_language(file, text_at(talk, "language"));
      captions += fmt::format("<track kind=\"captions\" src=\"{0}\" srclang=\"{1}\" label=\"{1}\">", escaped(file),
                              escaped(language));
    }
  return fmt::format("<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\">"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{} – {}</title>"
                     "<meta name=\"description\" content=\"{}\"><meta property=\"og:type\" content=\"video.other\">"
                     "<meta property=\"og:title\" content=\"{}\"><meta property=\"og:description\" content=\"{}\">"
                     "<meta property=\"og:image\" content=\"{}\"><link rel=\"stylesheet\" href=\"../assets/talks.css\">"
                     "<script src=\"../assets/talks.js\" type=\"module\"></script></head>"
                     "<body data-talk=\"{}\"><main id=\"talks\"><a href=\"../\">{}</a><h1>{}</h1><p>{}</p>"
                     "<video controls preload=\"metadata\" poster=\"poster.jpg\" src=\"video.mp4\">{}</video>"
                     "<p>{}</p><ul>{}</ul></main></body></html>\n",
                     escaped(text_at(talk, "language").substr(0, 2)), title, escaped(archive.event), about, title,
                     about.empty() ? persons : about, escaped(address(archive, slug + "/poster.jpg")), escaped(slug),
                     escaped(archive.event), title, persons, captions, about, downloads);
}

Result<void> write_pages(const ArchiveFolders& archive) {
  const auto folder = archive.talks();
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) return Error{Errc::kIo, "create " + folder.string() + ": " + failed.message()};
  const auto talks = read_talks(folder);
  for (const auto& entry : talks) {
    const auto& talk = entry.get_object();
    const auto file = folder / text_at(talk, "slug") / "index.html";
    const auto text = talk_page(archive, talk);
    const auto there = read_file(file);
    if (there && *there == text) continue;
    if (auto done = replace_public(file, text); !done) return done;
  }
  if (auto done = copy_page(archive.web, folder); !done) return done;
  const json::object index{{"event", archive.event}, {"room", archive.room}, {"talks", talks}};
  auto done = replace_public(folder / "feed.xml", feed_text(archive, talks, false));
  if (done) done = replace_public(folder / "feed-audio.xml", feed_text(archive, talks, true));
  if (done) done = replace_public(folder / "sitemap.xml", sitemap_text(archive, talks));
  if (done) done = replace_public(folder / "index.json", json::serialize(index)); // last: it names what is there
  return done;
}

} // namespace pult::packager::jobs
