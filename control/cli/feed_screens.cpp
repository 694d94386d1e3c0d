#include "control/cli/feed_screens.hpp"

#include "control/cli/answer_fields.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::cli {
namespace {

namespace json = boost::json;

constexpr std::size_t kLabelColumns = 11;
constexpr double kSilence = -90; // dB; below 16 bits
constexpr double kTooLoud = -1;  // dBFS: the limiter works

Tint tint_of_state(const std::string& state) {
  if (state == "live") return Tint::kGood;
  if (state == "waiting") return Tint::kQuiet;
  return state == "stale" ? Tint::kWarning : Tint::kBad;
}

std::string health_of(const json::object& feed) {
  const auto verdict = text_at(feed, "verdict");
  if (text_at(feed, "state") != "live") return verdict;
  auto text = fmt::format("{:.0f} kbit/s  {:.0f} ms", number_at(feed, "kbps"), number_at(feed, "rtt_ms"));
  if (const auto dropped = number_at(feed, "dropped"); dropped > 0)
    text += fmt::format("  {:.0f} packets gone", dropped);
  if (!verdict.empty() && verdict != "good") text += "  " + verdict;
  return text;
}

bool is_known(const json::object& object, std::string_view key) {
  return find(object, key) != nullptr;
}

Cell peak_cell(const json::object& sound) {
  if (!is_known(sound, "peak_db")) return {"–", Tint::kQuiet};
  const auto peak = number_at(sound, "peak_db");
  if (peak <= kSilence) return {"silent", Tint::kWarning};
  return {fmt::format("peak {:.0f} dB", peak), peak > kTooLoud ? Tint::kBad : Tint::kPlain};
}

std::string loudness_text(const json::object& sound) {
  if (!is_known(sound, "short_term_lufs")) return "";
  const auto loudness = number_at(sound, "short_term_lufs");
  return loudness <= kSilence ? "" : fmt::format("{:.1f} LUFS", loudness);
}

// What the crew set, in words; nothing when it is as it comes in.
std::string setting_text(const json::object& feed) {
  const auto gain = number_at(feed, "gain_db");
  std::string text = flag_at(feed, "muted") ? "muted" : "";
  if (gain != 0) text += fmt::format("{}gain {:+.1f} dB", text.empty() ? "" : ", ", gain);
  return text;
}

std::vector<Cell> programme_row(const json::object& sound) {
  std::string over_show;
  if (is_known(sound, "integrated_lufs") && number_at(sound, "integrated_lufs") > kSilence)
    over_show = fmt::format("{:.1f} LUFS over the show", number_at(sound, "integrated_lufs"));
  return {{"programme", Tint::kStrong}, {}, peak_cell(sound), {loudness_text(sound)}, {over_show}};
}

std::string stream_text(const json::object& decode) {
  const auto picture = text_at(decode, "picture_codec");
  const auto sound = text_at(decode, "sound_codec");
  std::string text;
  if (!picture.empty())
    text = fmt::format("{} {} at {:.4g} a second{}", picture, text_at(decode, "size"), number_at(decode, "fps"),
                       flag_at(decode, "interlaced") ? ", interlaced" : "");
  if (!sound.empty()) text += (text.empty() ? "" : "; ") + sound;
  return text;
}

std::string line_text(const json::object& feed) {
  return fmt::format("{:.0f} kbit/s, round trip {:.0f} ms, {:.0f} packets lost, {:.0f} gone for good",
                     number_at(feed, "kbps"), number_at(feed, "rtt_ms"), number_at(feed, "lost"),
                     number_at(feed, "dropped"));
}

} // namespace

Rows feed_rows(const json::object& status) {
  Rows rows;
  for (const auto& feed : objects_at(status, "feeds")) {
    const auto state = text_at(feed, "state");
    const auto name = text_at(feed, "name");
    const auto shown = text_at(feed, "label");
    rows.push_back(
        {{name, Tint::kStrong}, {shown == name ? "" : shown}, {state, tint_of_state(state)}, {health_of(feed)}});
  }
  return rows;
}

std::string sound_text(const json::object& status) {
  const auto sound = object_at(status, "sound");
  if (!is_known(sound, "peak_db")) return "";
  const auto peak = peak_cell(sound).text;
  const auto loudness = loudness_text(sound);
  return loudness.empty() ? peak : loudness + ", " + peak;
}

std::string feeds_screen(const json::object& status, const Look& look) {
  const auto rows = feed_rows(status);
  return rows.empty() ? "no feeds\n" : table(rows, "", look);
}

std::string audio_screen(const json::object& status, const Look& look) {
  Rows rows{programme_row(object_at(status, "sound"))};
  for (const auto& feed : objects_at(status, "feeds")) {
    const auto name = text_at(feed, "name");
    const auto shown = text_at(feed, "label");
    const auto mixer = object_at(feed, "mixer");
    rows.push_back({{name, Tint::kStrong},
                    {shown == name ? "" : shown},
                    peak_cell(mixer),
                    {loudness_text(mixer)},
                    {setting_text(feed), flag_at(feed, "muted") ? Tint::kWarning : Tint::kPlain}});
  }
  return table(rows, "", look);
}

std::string feed_screen(const json::object& feed, const Look& look) {
  const auto row = [&](std::string_view name, Cell cell) {
    return cell.text.empty() ? "" : table({{std::move(cell)}}, padded(std::string(name), kLabelColumns), look);
  };
  const auto state = text_at(feed, "state");
  const auto name = text_at(feed, "name");
  const auto shown = text_at(feed, "label");
  auto out = row("Feed", {shown == name ? name : name + " · " + shown, Tint::kStrong});
  out += row("State", {state, tint_of_state(state)});
  out += row("Health", {text_at(feed, "verdict")});
  out += row("From", {text_at(feed, "peer")});
  if (state == "live") out += row("Line", {line_text(feed)});
  out += row("Stream", {stream_text(object_at(feed, "decode"))});
  const auto mixer = object_at(feed, "mixer");
  if (is_known(mixer, "peak_db")) out += row("Sound", peak_cell(mixer));
  out += row("Set", {setting_text(feed)});
  if (const auto delay = number_at(feed, "delay_ms"); delay > 0) out += row("Delay", {fmt::format("{:.0f} ms", delay)});
  return out;
}

} // namespace pult::cli
