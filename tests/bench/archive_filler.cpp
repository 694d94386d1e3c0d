// Makes a large archive out of one published talk, for `./dev bench archive`: pult-archive-filler DATA_DIR ID COUNT
//
// Copies of the talk, each with an id, slug, title and day of its own, go into pult.db (whose pultd must not run) and
// as folders into public/talks; their files are hard links. The pages are left to pult-jobs.
#include "control/database.hpp"
#include "control/talks/talk.hpp"

#include "base/file.hpp"

#include <boost/json.hpp>
#include <cstdio>
#include <fmt/format.h>

namespace pult::control {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr const char* kWords[] = {"Bürgerdienste", "Netze",    "Daten", "Schulen", "Verkehr", "Haushalt",
                                  "Beteiligung",   "Register", "Klima", "Pflege",  "Bauen",   "Kultur"};

Result<void> copy_folder(const fs::path& from, const fs::path& to, const Talk& talk) {
  std::error_code failed;
  fs::create_directories(to, failed);
  for (const auto& entry : fs::directory_iterator(from, failed))
    if (entry.path().extension() != ".json" && entry.path().extension() != ".html")
      fs::create_hard_link(entry.path(), to / entry.path().filename(), failed);
  const auto text = read_file(from / "talk.json");
  if (!text) return text.error();
  auto about = json::parse(*text).as_object();
  about["id"] = talk.id;
  about["slug"] = talk.slug;
  about["guid"] = talk.id;
  about["title"] = talk.title;
  about["track"] = talk.track;
  auto date = std::string(about.at("date").as_string());
  date.replace(8, 2, fmt::format("{:02}", 1 + std::hash<std::string>{}(talk.id) % 28));
  about["date"] = date;
  return replace_file(to / "talk.json", json::serialize(about));
}

Result<void> run(const fs::path& data, const std::string& id, int count) {
  auto database = KeptDatabase::open(data / "pult.db");
  if (!database) return database.error();
  const auto kept = database->read();
  if (!kept) return kept.error();
  std::optional<Talk> of;
  for (const auto& one : kept->talks)
    if (auto talk = talk_from_json(one); talk && talk->id == id) of = std::move(talk);
  if (!of || of->state != TalkState::kPublished) return Error{Errc::kNotFound, "no published talk " + id};
  const auto from = data / "public/talks" / of->slug;
  std::vector<json::object> talks;
  for (int i = 0; i < count; ++i) {
    auto talk = *of;
    talk.id = fmt::format("b{}", i);
    talk.title = fmt::format("{} und {} {}", kWords[i % 12], kWords[i / 12 % 12], i);
    talk.slug = slug_of(talk.title, talk.id);
    talk.track = kWords[i % 7];
    talk.in -= std::chrono::minutes(i + 10);
    talk.out -= std::chrono::minutes(i + 10);
    if (auto done = copy_folder(from, data / "public/talks" / talk.slug, talk); !done) return done;
    talks.push_back(to_json(talk));
  }
  return database->write_archive(talks, {});
}

} // namespace
} // namespace pult::control

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: pult-archive-filler DATA_DIR ID COUNT\n", stderr);
    return 2;
  }
  const auto done = pult::control::run(argv[1], argv[2], std::atoi(argv[3]));
  if (!done) std::fprintf(stderr, "pult-archive-filler: %s\n", done.error().message.c_str());
  return done ? 0 : 1;
}
