// The room's configuration: one TOML file, read once, all its errors at once, each with its place.
//
// Every key is documented in configs/room.toml. Unknown keys (with the nearest right one), wrong types and impossible
// values are all reported; a config with errors is never used. Secrets stay in this struct: nothing prints it. Any
// thread.
#pragma once

#include "base/programme_time.hpp"
#include "base/result.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace pult {

struct PictureSize {
  int width = 0;
  int height = 0;
  friend bool operator==(const PictureSize&, const PictureSize&) = default;
};

struct FeedConfig {
  enum class Policy { kTakeover, kNewest, kFirst };
  std::string name;
  std::string label;      // shown to people; the name when missing
  std::string passphrase; // resolved from passphrase or passphrase_file; empty: open
  bool open = false;
  std::optional<std::chrono::milliseconds> latency; // the port's when missing
  std::string url;                                  // caller mode
  std::string match_key, match_value;               // match = "key=value"
  std::optional<int> port;                          // a port and a process of its own
  Policy policy = Policy::kTakeover;
  std::chrono::milliseconds delay{0};
};

struct SceneConfig {
  std::string name;
  std::string layout = "full";
  std::vector<std::string> feeds;
  std::vector<std::string> fallback;
  std::string audio = "follow"; // a feed by name, or "follow"
};

// How a lower third looks: an SVG whose texts "name" and "function" are filled in (transcode/README.md).
struct TemplateConfig {
  std::string name;
  std::filesystem::path file; // absolute; an SVG when the config was read, read again for each showing
};

struct RenditionConfig {
  std::string name;
  PictureSize size;
  int video_kbps = 0;
};

struct SoundConfig {
  std::string name;
  std::string language; // ISO 639-2, "deu"
  int kbps = 128;
};

// What is kept of the programme and of the feeds, and what becomes of it.
struct ArchiveConfig {
  bool record = true;               // the programme, each rung
  bool iso = true;                  // each feed's own bytes
  std::filesystem::path second_dir; // absolute; program/ and iso/ are written there, too; empty: not
  std::chrono::days keep{0};        // recordings older than this go, unless a talk still needs them; 0: nothing goes
  std::chrono::days iso_keep{0};
  std::string acronym; // of the event, in file names: [a-z0-9-]
  std::string licence; // of talk files; empty: none is stated
  bool auto_publish = false;
  int download_kbps = 50000; // all downloads of talks together, so that live viewers keep the line; 0: no cap
  std::string base_url;      // absolute addresses in feeds and sitemap; empty: not known
};

// Where the talks come from, and whether the clock begins and ends them.
struct ScheduleConfig {
  std::string source; // a file (absolute) or an http(s) address; empty: imported by hand
  std::chrono::seconds poll{300};
  std::string room; // this room's name in the schedule
  bool auto_start = false;
  bool auto_stop = false;
};

struct ListenAddress {
  std::string host;                       // "::", "127.0.0.1"
  int port = 0;                           // 0: the system chooses (tests)
  [[nodiscard]] std::string text() const; // "[::]:8080"
};

struct RoomConfig {
  std::filesystem::path file;     // absolute
  std::filesystem::path data_dir; // absolute
  std::filesystem::path run_dir;  // resolved (base/run_dir.hpp)

  std::string name, event, language = "de", timezone = "Europe/Berlin";
  bool autostart = true;

  ListenAddress srt_listen{"::", 9000};
  std::chrono::milliseconds srt_latency{200};
  std::vector<FeedConfig> feeds;
  std::vector<SceneConfig> scenes;       // the first is on air when nothing was taken yet
  std::vector<TemplateConfig> templates; // the first is the default one; none: the built-in one

  PictureSize programme{1920, 1080};
  int fps = 25;
  std::vector<RenditionConfig> renditions;
  std::vector<SoundConfig> sounds;
  std::string x264_preset = "veryfast"; // [program] preset

  std::chrono::milliseconds segment{1920};
  std::chrono::milliseconds part{320};
  std::chrono::seconds window{7200};

  std::string slate_start, slate_pause, slate_fault, slate_end;

  ArchiveConfig archive;
  ScheduleConfig schedule;

  ListenAddress http{"::", 8080};
  std::string http_tls_cert, http_tls_key;
  ListenAddress control{"127.0.0.1", 8081};
  std::string control_tls_cert, control_tls_key;
  bool control_insecure = false;
  std::vector<std::string> control_names; // by which browsers reach the desk, beside addresses and the machine's own

  [[nodiscard]] Grid grid() const { return *Grid::of(fps); }
  [[nodiscard]] Cutting cutting() const { return Cutting::of(grid(), segment, part); }
  [[nodiscard]] const FeedConfig* feed(std::string_view feed_name) const;
  [[nodiscard]] const SceneConfig* scene(std::string_view scene_name) const;
};

// One thing that is wrong in a config, where, and what would be right.
struct ConfigFault {
  std::uint32_t line = 0; // 1-based; 0: the file as a whole
  std::uint32_t column = 0;
  std::string message;
};

struct ConfigReading {
  std::optional<RoomConfig> config; // only when there is no fault
  std::vector<ConfigFault> faults;  // in file order
  std::filesystem::path file;
  [[nodiscard]] std::string
  text() const; // "room.toml:3:1: unknown key \"latency\" in [srt]; did you mean \"latency_ms\"?\n…"
};

ConfigReading read_config(const std::filesystem::path& file);
ConfigReading parse_config(std::string_view toml, const std::filesystem::path& file);

} // namespace pult
