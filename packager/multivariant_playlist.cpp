#include "packager/multivariant_playlist.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace pult::packager {
namespace {

using packet_link::TrackKind;

constexpr double kPackaging = 1.03;
constexpr const char* kSoundGroup = "sound";

// RFC 5646 2.2.1: the shortest code there is. The languages that our rooms have met; others keep three letters.
constexpr std::array<std::pair<const char*, const char*>, 22> kLanguages{
    {{"deu", "de"}, {"ger", "de"}, {"eng", "en"}, {"fra", "fr"}, {"fre", "fr"}, {"spa", "es"},
     {"ita", "it"}, {"por", "pt"}, {"nld", "nl"}, {"dut", "nl"}, {"pol", "pl"}, {"tur", "tr"},
     {"ukr", "uk"}, {"rus", "ru"}, {"ara", "ar"}, {"dan", "da"}, {"swe", "sv"}, {"nor", "no"},
     {"fin", "fi"}, {"ces", "cs"}, {"cze", "cs"}, {"ron", "ro"}}};

// A quoted string has no way to say these (bis 4.2).
std::string quotable(std::string text) {
  std::erase_if(text, [](unsigned char c) { return c == '"' || c < 0x20 || c == 0x7f; });
  return text;
}

std::string playlist_uri(const Show& show, const TrackDescription& track) {
  return uri_escaped(show.id) + "/" + uri_escaped(track.name) + "/index.m3u8";
}

void write_sound(std::string& out, const Show& show, const TrackDescription& sound, bool is_default) {
  fmt::format_to(std::back_inserter(out), "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"{}\",NAME=\"{}\"", kSoundGroup,
                 quotable(sound.name));
  if (!sound.language.empty())
    fmt::format_to(std::back_inserter(out), ",LANGUAGE=\"{}\"", quotable(language_tag(sound.language)));
  fmt::format_to(std::back_inserter(out), ",DEFAULT={},AUTOSELECT=YES,CHANNELS=\"2\",URI=\"{}\"\n",
                 is_default ? "YES" : "NO", playlist_uri(show, sound));
}

void write_rung(std::string& out, const Show& show, const TrackDescription& rung, const TrackDescription* sound,
                int fps, std::chrono::milliseconds segment) {
  const int sound_kbps = sound != nullptr ? sound->kbps : 0;
  fmt::format_to(std::back_inserter(out), "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}{}{}\"",
                 peak_bandwidth(rung.kbps, sound_kbps, segment),
                 std::llround((rung.kbps + sound_kbps) * 1000 * kPackaging), rung.codec, sound != nullptr ? "," : "",
                 sound != nullptr ? sound->codec : "");
  fmt::format_to(std::back_inserter(out), ",RESOLUTION={}x{},FRAME-RATE={:.3f}", rung.width, rung.height, double(fps));
  if (sound != nullptr) fmt::format_to(std::back_inserter(out), ",AUDIO=\"{}\"", kSoundGroup);
  fmt::format_to(std::back_inserter(out), ",CLOSED-CAPTIONS=NONE\n{}\n", playlist_uri(show, rung));
}

} // namespace

std::int64_t peak_bandwidth(int video_kbps, int sound_kbps, std::chrono::milliseconds segment) {
  const double emptied = double(kVbvTime.count()) / double(segment.count());
  return std::llround((video_kbps * (1.0 + emptied) + sound_kbps) * 1000 * kPackaging);
}

std::string language_tag(const std::string& language) {
  const auto found =
      std::find_if(kLanguages.begin(), kLanguages.end(), [&](const auto& pair) { return language == pair.first; });
  return found != kLanguages.end() ? found->second : language;
}

std::string uri_escaped(const std::string& name) {
  std::string out;
  for (const unsigned char c : name) {
    if (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '~')
      out += static_cast<char>(c);
    else
      fmt::format_to(std::back_inserter(out), "%{:02X}", c);
  }
  return out;
}

std::string multivariant_playlist(const Show& show, int fps, std::chrono::milliseconds segment) {
  const auto is_sound = [](const TrackDescription& track) { return track.kind == TrackKind::kSound; };
  const auto first_sound = std::find_if(show.tracks.begin(), show.tracks.end(), is_sound);
  const TrackDescription* sound = first_sound != show.tracks.end() ? &*first_sound : nullptr;
  std::string out = "#EXTM3U\n#EXT-X-VERSION:6\n#EXT-X-INDEPENDENT-SEGMENTS\n";
  for (const auto& track : show.tracks)
    if (is_sound(track)) write_sound(out, show, track, &track == sound);
  for (const auto& track : show.tracks)
    if (!is_sound(track)) write_rung(out, show, track, sound, fps, segment);
  return out;
}

} // namespace pult::packager
