#include "base/config.hpp"

#include "base/config_archive.hpp"
#include "base/file.hpp"
#include "base/nearest.hpp"
#include "base/run_dir.hpp"
#include "base/svg_root.hpp"
#include "base/toml_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <set>
#include <sys/stat.h>

namespace pult {
namespace {

constexpr int kMinPassphrase = 10; // libsrt: 10 to 79 bytes
constexpr int kMaxPassphrase = 79;

struct Reading {
  RoomConfig config;
  std::vector<ConfigFault> faults;
  std::filesystem::path folder;
};

// What is no choice is a fault, and `out` keeps what it had.
void read_choice(TomlTable& table, std::string_view key, std::string& out, const std::vector<std::string>& choices) {
  std::string chosen = out;
  table.text(key, chosen);
  if (std::find(choices.begin(), choices.end(), chosen) != choices.end()) {
    out = chosen;
    return;
  }
  table.fault(key, fmt::format("\"{}\"{}: no such value \"{}\"{} ({})", key, table.in(), chosen,
                               did_you_mean(chosen, choices), fmt::join(choices, ", ")));
}

std::optional<PictureSize> parse_size(std::string_view text) {
  PictureSize size;
  const auto* end = text.data() + text.size();
  const auto width = std::from_chars(text.data(), end, size.width);
  if (width.ec != std::errc{} || width.ptr == end || *width.ptr != 'x') return std::nullopt;
  const auto height = std::from_chars(width.ptr + 1, end, size.height);
  if (height.ec != std::errc{} || height.ptr != end) return std::nullopt;
  return size;
}

void read_size(TomlTable& table, std::string_view key, PictureSize& out) {
  std::string text;
  table.text(key, text);
  if (text.empty()) return;
  const auto size = parse_size(text);
  if (!size)
    return table.fault(key, fmt::format("\"{}\"{} must look like \"1920x1080\", not \"{}\"", key, table.in(), text));
  if (size->width < 64 || size->height < 64 || size->width > 3840 || size->height > 2160 || size->width % 2 != 0 ||
      size->height % 2 != 0)
    return table.fault(key, fmt::format("\"{}\"{}: {} is no picture size; even numbers from 64x64 to 3840x2160", key,
                                        table.in(), text));
  out = *size;
}

std::optional<ListenAddress> parse_listen(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  ListenAddress address;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos)
    return std::nullopt;
  const auto port = text.substr(colon + 1);
  const auto [end, failed] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (failed != std::errc{} || end != port.data() + port.size() || address.port < 0 || address.port > 65535)
    return std::nullopt;
  address.host = host.empty() ? "::" : std::string(host);
  return address;
}

void read_listen(TomlTable& table, ListenAddress& out) {
  std::string text;
  table.text("listen", text);
  if (text.empty()) return;
  if (const auto address = parse_listen(text))
    out = *address;
  else
    table.fault("listen", fmt::format("\"listen\"{} must look like \"[::]:8080\" or \"127.0.0.1:8080\", not \"{}\"",
                                      table.in(), text));
}

void read_room(TomlTable& root, Reading& reading) {
  auto& config = reading.config;
  auto room = root.table("room");
  room.text("name", config.name);
  room.text("event", config.event);
  read_choice(room, "language", config.language, {"de", "en"});
  room.text("timezone", config.timezone);
  if (!config.timezone.empty() && !std::filesystem::exists("/usr/share/zoneinfo/" + config.timezone) &&
      std::filesystem::exists("/usr/share/zoneinfo/UTC"))
    room.fault("timezone",
               fmt::format("\"timezone\" in [room]: no time zone \"{}\"; one like \"Europe/Berlin\"", config.timezone));
  std::string data_dir = "data";
  std::string run_dir;
  room.text("data_dir", data_dir);
  room.text("run_dir", run_dir);
  room.finish();
  config.data_dir = (reading.folder / data_dir).lexically_normal();
  config.run_dir = locate_run_dir(config.file, run_dir.empty() ? std::filesystem::path() : reading.folder / run_dir);
}

// The first line of a passphrase file; refused when others may read it.
void read_passphrase_file(TomlTable& feed, const std::string& path, Reading& reading, std::string& out) {
  const auto file = reading.folder / path;
  struct stat info {};
  if (::stat(file.c_str(), &info) != 0)
    return feed.fault("passphrase_file", fmt::format("\"passphrase_file\"{}: cannot read {}: {}", feed.in(),
                                                     file.string(), std::strerror(errno)));
  if ((info.st_mode & 077) != 0)
    return feed.fault("passphrase_file",
                      fmt::format("\"passphrase_file\"{}: others may read {}; chmod 600 it", feed.in(), file.string()));
  auto text = read_file(file);
  if (!text) return feed.fault("passphrase_file", text.error().message);
  out = text->substr(0, text->find_first_of("\r\n"));
}

void read_passphrase(TomlTable& feed, FeedConfig& out, Reading& reading) {
  std::string file;
  feed.text("passphrase", out.passphrase);
  feed.text("passphrase_file", file);
  feed.boolean("open", out.open);
  const int ways = (out.passphrase.empty() ? 0 : 1) + (file.empty() ? 0 : 1) + (out.open ? 1 : 0);
  if (ways > 1 || (ways == 0 && out.url.empty())) // whom we dial may be open without a word
    return feed.fault(
        "name", fmt::format("feed \"{}\" needs exactly one of passphrase_file, passphrase or open = true", out.name));
  if (!out.passphrase.empty()) {
    struct stat info {};
    if (::stat(reading.config.file.c_str(), &info) == 0 && (info.st_mode & 077) != 0)
      feed.fault("passphrase", fmt::format("\"passphrase\"{}: others may read {}; chmod 600 it, or use passphrase_file",
                                           feed.in(), reading.config.file.string()));
  }
  if (!file.empty()) read_passphrase_file(feed, file, reading, out.passphrase);
  const auto length = static_cast<int>(out.passphrase.size());
  if (length > 0 && (length < kMinPassphrase || length > kMaxPassphrase))
    feed.fault(file.empty() ? "passphrase" : "passphrase_file",
               fmt::format("the passphrase of feed \"{}\" must have {} to {} bytes, as SRT wants it", out.name,
                           kMinPassphrase, kMaxPassphrase));
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 32 && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '_';
  });
}

void read_name(TomlTable& table, std::string& out, std::set<std::string>& taken) {
  table.required("name");
  table.text("name", out);
  if (out.empty()) return;
  if (!is_name(out))
    table.fault("name",
                fmt::format("\"name\"{}: \"{}\" must be letters, digits, - and _, 32 at most", table.in(), out));
  if (!taken.insert(out).second) table.fault("name", fmt::format("\"name\"{}: \"{}\" is there twice", table.in(), out));
}

void read_match(TomlTable& table, FeedConfig& feed) {
  std::string match;
  table.text("match", match);
  if (match.empty()) return;
  const auto equals = match.find('=');
  if (equals == std::string::npos || equals == 0)
    return table.fault("match", fmt::format("\"match\"{} must look like \"bmd_name=Stage\"", table.in()));
  feed.match_key = match.substr(0, equals);
  feed.match_value = match.substr(equals + 1);
}

void read_feed(TomlTable& table, Reading& reading, std::set<std::string>& taken) {
  FeedConfig feed;
  read_name(table, feed.name, taken);
  table.text("label", feed.label);
  if (feed.label.empty()) feed.label = feed.name;
  table.text("url", feed.url);
  if (!feed.url.empty() && !feed.url.starts_with("srt://"))
    table.fault("url", fmt::format("\"url\"{} must begin with srt://", table.in()));
  read_passphrase(table, feed, reading);
  std::chrono::milliseconds latency{-1};
  table.duration("latency_ms", latency, 20, 8000);
  if (latency.count() >= 0) feed.latency = latency;
  read_match(table, feed);
  int port = 0;
  table.integer("port", port, 1, 65535);
  if (port != 0) feed.port = port;
  std::string policy = "takeover";
  read_choice(table, "policy", policy, {"takeover", "newest", "first"});
  feed.policy = policy == "newest"  ? FeedConfig::Policy::kNewest
                : policy == "first" ? FeedConfig::Policy::kFirst
                                    : FeedConfig::Policy::kTakeover;
  table.duration("delay_ms", feed.delay, 0, 5000);
  reading.config.feeds.push_back(std::move(feed));
}

std::vector<std::string> feed_names(const RoomConfig& config) {
  std::vector<std::string> names;
  for (const auto& feed : config.feeds)
    names.push_back(feed.name);
  return names;
}

void check_feeds_exist(TomlTable& table, std::string_view key, const std::vector<std::string>& wanted,
                       const std::vector<std::string>& names) {
  for (const auto& name : wanted)
    if (std::find(names.begin(), names.end(), name) == names.end())
      table.fault(key, fmt::format("\"{}\"{}: no feed \"{}\"{}", key, table.in(), name, did_you_mean(name, names)));
}

int feeds_of_layout(std::string_view layout) {
  if (layout == "full") return 1;
  return layout == "trio" ? 3 : 2;
}

void read_scene(TomlTable& table, Reading& reading, std::set<std::string>& taken) {
  SceneConfig scene;
  read_name(table, scene.name, taken);
  read_choice(table, "layout", scene.layout, {"full", "side-by-side", "picture-in-picture", "lecture", "trio"});
  table.required("feeds");
  table.texts("feeds", scene.feeds);
  table.texts("fallback", scene.fallback);
  table.text("audio", scene.audio);
  const auto names = feed_names(reading.config);
  check_feeds_exist(table, "feeds", scene.feeds, names);
  check_feeds_exist(table, "fallback", scene.fallback, names);
  if (scene.audio != "follow") check_feeds_exist(table, "audio", {scene.audio}, names);
  const int wanted = feeds_of_layout(scene.layout);
  if (!scene.feeds.empty() && static_cast<int>(scene.feeds.size()) != wanted)
    table.fault("feeds", fmt::format("scene \"{}\": layout {} takes {} feed{}, not {}", scene.name, scene.layout,
                                     wanted, wanted == 1 ? "" : "s", scene.feeds.size()));
  reading.config.scenes.push_back(std::move(scene));
}

// What is no SVG at all is found here, before doors open; one that cannot be drawn is found by the mixer, which draws.
void check_template(TomlTable& table, const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return table.fault("file", fmt::format("\"file\"{}: {}", table.in(), text.error().message));
  if (const auto wrong = why_not_svg(*text); !wrong.empty())
    table.fault("file", fmt::format("\"file\"{}: {} is no SVG: {}", table.in(), file.string(), wrong));
}

void read_template(TomlTable& table, Reading& reading, std::set<std::string>& taken) {
  TemplateConfig lower_third;
  std::string file;
  read_name(table, lower_third.name, taken);
  table.required("file");
  table.text("file", file);
  if (!file.empty()) check_template(table, lower_third.file = (reading.folder / file).lexically_normal());
  reading.config.templates.push_back(std::move(lower_third));
}

void read_program(TomlTable& root, RoomConfig& config) {
  auto program = root.table("program");
  read_size(program, "size", config.programme);
  program.integer("fps", config.fps, 1, 120);
  if (!Grid::of(config.fps)) {
    program.fault("fps", fmt::format("\"fps\" in [program] must be 25, 30, 50 or 60, not {}", config.fps));
    config.fps = 25;
  }
  read_choice(program, "preset", config.x264_preset,
              {"ultrafast", "superfast", "veryfast", "faster", "fast", "medium"});
  program.finish();
}

void read_rendition(TomlTable& table, RoomConfig& config, std::set<std::string>& taken) {
  RenditionConfig rendition;
  read_name(table, rendition.name, taken);
  table.required("size");
  read_size(table, "size", rendition.size);
  table.required("video_kbps");
  table.integer("video_kbps", rendition.video_kbps, 50, 50000);
  if (rendition.size.width > config.programme.width || rendition.size.height > config.programme.height)
    table.fault("size", fmt::format("rendition \"{}\" is larger than the programme", rendition.name));
  if (!config.renditions.empty() && rendition.size.width > config.renditions.back().size.width)
    table.fault("size", fmt::format("rendition \"{}\" is larger than the one before; write them from large to small",
                                    rendition.name));
  config.renditions.push_back(std::move(rendition));
}

void add_default_renditions(RoomConfig& config) {
  const RenditionConfig ladder[] = {{"1080p", {1920, 1080}, 4500},
                                    {"720p", {1280, 720}, 2500},
                                    {"480p", {854, 480}, 1200},
                                    {"360p", {640, 360}, 700}};
  for (const auto& rung : ladder)
    if (rung.size.width <= config.programme.width && rung.size.height <= config.programme.height)
      config.renditions.push_back(rung);
  if (config.renditions.empty()) config.renditions.push_back({"low", config.programme, 500});
}

void read_sound(TomlTable& table, RoomConfig& config, std::set<std::string>& taken) {
  SoundConfig sound;
  read_name(table, sound.name, taken);
  table.required("language");
  table.text("language", sound.language);
  if (!sound.language.empty() && sound.language.size() != 3)
    table.fault("language",
                fmt::format("\"language\"{} must be of three letters (ISO 639-2), like \"deu\"", table.in()));
  table.integer("kbps", sound.kbps, 32, 320);
  config.sounds.push_back(std::move(sound));
}

void read_slates(TomlTable& root, RoomConfig& config) {
  const bool german = config.language == "de";
  config.slate_start = german ? "Gleich geht es los" : "We are about to start";
  config.slate_pause = german ? "Gleich geht es weiter" : "We will be right back";
  config.slate_fault = german ? "Kurze Störung – wir sind gleich zurück" : "Technical difficulties – back in a moment";
  config.slate_end = german ? "Vielen Dank fürs Zuschauen" : "Thank you for watching";
  auto slate = root.table("slate");
  slate.text("start", config.slate_start);
  slate.text("pause", config.slate_pause);
  slate.text("fault", config.slate_fault);
  slate.text("end", config.slate_end);
  slate.finish();
}

void read_tls(TomlTable& table, std::string& cert, std::string& key) {
  table.text("tls_cert", cert);
  table.text("tls_key", key);
  if (cert.empty() != key.empty())
    table.fault(cert.empty() ? "tls_key" : "tls_cert",
                fmt::format("\"tls_cert\" and \"tls_key\"{} go together", table.in()));
}

void read_servers(TomlTable& root, RoomConfig& config) {
  auto http = root.table("http");
  read_listen(http, config.http);
  read_tls(http, config.http_tls_cert, config.http_tls_key);
  http.finish();
  auto control = root.table("control");
  read_listen(control, config.control);
  read_tls(control, config.control_tls_cert, config.control_tls_key);
  control.boolean("insecure", config.control_insecure);
  control.texts("names", config.control_names);
  const bool loopback =
      config.control.host.starts_with("127.") || config.control.host == "::1" || config.control.host == "localhost";
  const bool tls = !config.control_tls_cert.empty() && !config.control_tls_key.empty();
  if (!loopback && !tls && !config.control_insecure)
    control.fault("listen",
                  "\"listen\" in [control]: beyond loopback only with tls_cert and tls_key, or insecure = true");
  control.finish();
}

void read_hls(TomlTable& root, RoomConfig& config) {
  auto hls = root.table("hls");
  hls.duration("segment_ms", config.segment, 500, 10000);
  hls.duration("part_ms", config.part, 100, 2000);
  hls.duration("window_s", config.window, 30, 7 * 86400);
  if (config.part * 2 > config.segment) hls.fault("part_ms", "\"part_ms\" in [hls] must be half of segment_ms at most");
  hls.finish();
}

void read_all(TomlTable& root, Reading& reading) {
  auto& config = reading.config;
  read_room(root, reading);
  auto show = root.table("show");
  show.boolean("autostart", config.autostart);
  show.finish();
  auto srt = root.table("srt");
  read_listen(srt, config.srt_listen);
  srt.duration("latency_ms", config.srt_latency, 20, 8000);
  srt.finish();
  std::set<std::string> feeds, scenes, templates, renditions, sounds;
  root.tables("feed", [&](TomlTable& table) { read_feed(table, reading, feeds); });
  root.tables("scene", [&](TomlTable& table) { read_scene(table, reading, scenes); });
  root.tables("template", [&](TomlTable& table) { read_template(table, reading, templates); });
  read_program(root, config);
  root.tables("rendition", [&](TomlTable& table) { read_rendition(table, config, renditions); });
  if (config.renditions.empty()) add_default_renditions(config);
  root.tables("sound", [&](TomlTable& table) { read_sound(table, config, sounds); });
  if (config.sounds.empty()) config.sounds.push_back({"original", config.language == "de" ? "deu" : "eng"});
  read_hls(root, config);
  read_slates(root, config);
  read_archive(root, config);
  read_schedule(root, config);
  read_servers(root, config);
  root.finish();
  if (config.feeds.empty()) root.fault("feed", "no [[feed]]: a room needs one camera at least");
  if (config.scenes.empty() && !config.feeds.empty())
    for (const auto& feed : config.feeds)
      config.scenes.push_back({feed.name, "full", {feed.name}, {}, "follow"});
}

ConfigReading finish(Reading reading) {
  ConfigReading result;
  result.file = reading.config.file;
  std::stable_sort(reading.faults.begin(), reading.faults.end(), [](const auto& a, const auto& b) {
    return std::pair(a.line, a.column) < std::pair(b.line, b.column);
  });
  result.faults = std::move(reading.faults);
  if (result.faults.empty()) result.config = std::move(reading.config);
  return result;
}

} // namespace

std::string ListenAddress::text() const {
  return host.find(':') != std::string::npos ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

const FeedConfig* RoomConfig::feed(std::string_view feed_name) const {
  const auto found = std::find_if(feeds.begin(), feeds.end(), [&](const auto& f) { return f.name == feed_name; });
  return found == feeds.end() ? nullptr : &*found;
}

const SceneConfig* RoomConfig::scene(std::string_view scene_name) const {
  const auto found = std::find_if(scenes.begin(), scenes.end(), [&](const auto& s) { return s.name == scene_name; });
  return found == scenes.end() ? nullptr : &*found;
}

std::string ConfigReading::text() const {
  std::string out;
  for (const auto& fault : faults) {
    if (fault.line == 0)
      out += fmt::format("{}: {}\n", file.string(), fault.message);
    else
      out += fmt::format("{}:{}:{}: {}\n", file.string(), fault.line, fault.column, fault.message);
  }
  return out;
}

ConfigReading parse_config(std::string_view toml_text, const std::filesystem::path& file) {
  Reading reading;
  reading.config.file = std::filesystem::absolute(file).lexically_normal();
  reading.folder = reading.config.file.parent_path();
  try {
    const auto parsed = toml::parse(toml_text);
    TomlTable root(&parsed, "", reading.faults);
    read_all(root, reading);
  } catch (const toml::parse_error& wrong) {
    const auto where = wrong.source().begin;
    reading.faults.push_back({where.line, where.column, std::string(wrong.description())});
  }
  return finish(std::move(reading));
}

ConfigReading read_config(const std::filesystem::path& file) {
  auto text = read_file(file);
  if (text) return parse_config(*text, file);
  ConfigReading result;
  result.file = file;
  result.faults.push_back({0, 0, text.error().message});
  return result;
}

} // namespace pult
