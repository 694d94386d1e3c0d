#include "packager/show_file.hpp"

#include "base/file.hpp"

#include <boost/json.hpp>

namespace pult::packager {
namespace {

namespace json = boost::json;

json::object to_json(const TrackDescription& track) {
  return {{"kind", track.kind == packet_link::TrackKind::kVideo ? "video" : "sound"},
          {"name", track.name},
          {"codec", track.codec},
          {"width", track.width},
          {"height", track.height},
          {"kbps", track.kbps},
          {"language", track.language},
          {"timescale", track.timescale}};
}

TrackDescription track_from_json(const json::object& from) {
  TrackDescription track;
  track.kind = from.at("kind").as_string() == "video" ? packet_link::TrackKind::kVideo : packet_link::TrackKind::kSound;
  track.name = from.at("name").as_string();
  track.codec = from.at("codec").as_string();
  track.width = from.at("width").to_number<int>();
  track.height = from.at("height").to_number<int>();
  track.kbps = from.at("kbps").to_number<int>();
  track.language = from.at("language").as_string();
  track.timescale = from.at("timescale").to_number<std::uint32_t>();
  return track;
}

} // namespace

Result<void> write_show_file(const std::filesystem::path& folder, const Show& show, std::optional<Nanoseconds> ended) {
  json::array tracks;
  for (const auto& track : show.tracks)
    tracks.push_back(to_json(track));
  json::object text{{"id", show.id}, {"tracks", std::move(tracks)}};
  if (ended) text["ended"] = ended->count();
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{Errc::kIo, "create " + folder.string() + ": " + failed.message()};
  return replace_file(folder / "show.json", json::serialize(text), true);
}

Result<KnownShow> read_show_file(const std::filesystem::path& file) {
  auto text = read_file(file);
  if (!text) return text.error();
  try {
    const auto parsed = json::parse(*text).as_object();
    KnownShow known;
    known.show.id = parsed.at("id").as_string();
    for (const auto& track : parsed.at("tracks").as_array())
      known.show.tracks.push_back(track_from_json(track.as_object()));
    if (const auto* ended = parsed.if_contains("ended")) known.ended = Nanoseconds(ended->to_number<std::int64_t>());
    return known;
  } catch (const std::exception& wrong) {
    return Error{Errc::kCorrupt, file.string() + ": " + wrong.what()};
  }
}

} // namespace pult::packager
