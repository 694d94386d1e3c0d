#include "control/run/check.hpp"

#include "base/http_server.hpp"
#include "base/run_dir.hpp"
#include "control/run/probe.hpp"
#include "control/run/program_spec.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sched.h>
#include <set>
#include <sys/stat.h>
#include <sys/timex.h>

namespace pult::control {
namespace {

constexpr std::uintmax_t kGiB = std::uintmax_t{1} << 30;
constexpr std::uintmax_t kDayOfARoom = 20 * kGiB;
constexpr std::uintmax_t kTooLittle = 2 * kGiB;
constexpr std::uintmax_t kRunDirBytes = std::uintmax_t{300} << 20; // 120 s of the default ladder, rings, state
constexpr double kDecodeMs = 6;                                    // of one 1080p picture
constexpr double kOwnCores = 0.35;                                 // all of us beside the codecs (docs/bench.md)
constexpr double kUsable = 0.9;                                    // of all cores: a machine at its brim stumbles
constexpr double kOneCore = 0.85;                                  // of a picture's time, for one thread of a rung

using Findings = std::vector<Finding>;

void error(Findings& findings, std::string text) {
  findings.push_back({true, std::move(text)});
}

void warning(Findings& findings, std::string text) {
  findings.push_back({false, std::move(text)});
}

void check_programs(const RoomConfig& config, const std::filesystem::path& folder, Findings& findings) {
  std::set<std::string> names{"pult-probe"};
  for (const auto& program : programs_of(config))
    names.insert(program.arguments.front());
  std::error_code ignored;
  for (const auto& name : names)
    if (!std::filesystem::exists(folder / name, ignored))
      error(findings, fmt::format("{} is missing beside pult in {}", name, folder.string()));
}

void check_run_dir(const RoomConfig& config, Findings& findings) {
  const auto run_dir = RunDir::open(config.run_dir);
  if (!run_dir) return error(findings, run_dir.error().message);
  if (!run_dir->in_memory())
    error(findings, fmt::format("the run directory {} does not lie in memory; put run_dir on a tmpfs, /dev/shm say",
                                config.run_dir.string()));
  std::error_code failed;
  const auto space = std::filesystem::space(config.run_dir, failed);
  if (!failed && space.available < kRunDirBytes)
    error(findings, fmt::format("the run directory {} has {} MiB free; {} are needed", config.run_dir.string(),
                                space.available >> 20, kRunDirBytes >> 20));
}

void check_disk(const RoomConfig& config, Findings& findings) {
  std::error_code failed;
  std::filesystem::create_directories(config.data_dir, failed);
  if (failed) return error(findings, fmt::format("data_dir {}: {}", config.data_dir.string(), failed.message()));
  const auto space = std::filesystem::space(config.data_dir, failed);
  if (failed) return error(findings, fmt::format("data_dir {}: {}", config.data_dir.string(), failed.message()));
  const auto text = fmt::format("data_dir {} has {:.1f} GiB free; a day of a room wants {}", config.data_dir.string(),
                                static_cast<double>(space.available) / kGiB, kDayOfARoom / kGiB);
  if (space.available < kTooLittle)
    error(findings, text);
  else if (space.available < kDayOfARoom)
    warning(findings, text);
}

void check_tcp(const std::string& key, const ListenAddress& address, Findings& findings) {
  if (auto bound = http::listen_tcp(address); !bound)
    error(findings, fmt::format("{}: {}; `ss -ltnp` shows who has the port", key, bound.error().message));
}

void check_udp(const std::string& key, const ListenAddress& address, Findings& findings) {
  if (auto bound = bind_udp(address); !bound)
    error(findings, fmt::format("{}: {}; `ss -lunp` shows who has the port", key, bound.error().message));
}

void check_ports(const RoomConfig& config, Findings& findings) {
  check_tcp("[http] listen", config.http, findings);
  check_tcp("[control] listen", config.control, findings);
  check_udp("[srt] listen", config.srt_listen, findings);
  for (const auto& feed : config.feeds)
    if (feed.port && feed.url.empty())
      check_udp(fmt::format("port of feed {}", feed.name), {config.srt_listen.host, *feed.port}, findings);
}

// Passphrases are held against this when the config is read.
void check_secrets(const RoomConfig& config, Findings& findings) {
  const auto folder = config.file.parent_path();
  for (const auto& [key, name] :
       {std::pair("[http] tls_key", config.http_tls_key), std::pair("[control] tls_key", config.control_tls_key)}) {
    struct stat info {};
    if (name.empty()) continue;
    const auto file = folder / name;
    if (::stat(file.c_str(), &info) != 0)
      error(findings, fmt::format("{}: there is no {}", key, file.string()));
    else if ((info.st_mode & 077) != 0)
      error(findings, fmt::format("{}: others may read {}; chmod 600 it", key, file.string()));
  }
}

void check_clock(Findings& findings) {
  timex clock{};
  if (::adjtimex(&clock) == TIME_ERROR || (clock.status & STA_UNSYNC) != 0)
    warning(findings, "this machine's clock is not synchronised: viewers' delay and the schedule go by it; "
                      "`apt install systemd-timesyncd` or chrony");
}

// Talks can be watched all the same; podcast apps and search engines need whole addresses.
void check_archive(const RoomConfig& config, Findings& findings) {
  if (config.archive.base_url.empty())
    warning(findings, "feeds and sitemap of the talks have no absolute addresses: base_url in [archive], like "
                      "\"https://stream.example.org\"");
}

double usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void check_encoding(const RoomConfig& config, const Probe& probe, MachineCheck& check) {
  const double cores = usable_cores();
  const auto verdict = judge_encoding(probe.rungs, config.fps, config.feeds.size(), cores);
  check.encoding = fmt::format("the room takes about {:.1f} of {:.0f} cores", verdict.cores, cores);
  if (verdict.fits) return;
  const auto instead =
      verdict.can_do.empty()
          ? std::string("it can do none of these rungs; take smaller ones, or a faster [program] preset")
          : fmt::format("it can do {}: take the other [[rendition]]s out", fmt::join(verdict.can_do, ", "));
  error(check.findings,
        fmt::format("this machine cannot encode the ladder in real time (about {:.1f} of {:.0f} cores); {}",
                    verdict.cores, cores, instead));
}

void check_media(const RoomConfig& config, const std::filesystem::path& programs, MachineCheck& check) {
  const auto probe = run_probe(programs / "pult-probe", config.file);
  if (!probe) return error(check.findings, probe.error().message);
  for (const auto& [element, package] : probe->missing)
    error(check.findings, fmt::format("GStreamer lacks {}; `apt install {}`", element, package));
  if (!probe->rungs.empty()) check_encoding(config, *probe, check);
}

double cores_of(const std::vector<RungCost>& rungs, std::size_t first, int fps, std::size_t feeds) {
  double ms = kDecodeMs * static_cast<double>(feeds);
  for (auto i = first; i < rungs.size(); ++i)
    ms += rungs[i].ms;
  return kOwnCores + ms * fps / 1000;
}

} // namespace

EncodingVerdict judge_encoding(const std::vector<RungCost>& rungs, int fps, std::size_t feeds, double cores) {
  EncodingVerdict verdict;
  verdict.cores = cores_of(rungs, 0, fps, feeds);
  const auto fits = [&](std::size_t first) {
    return cores_of(rungs, first, fps, feeds) <= cores * kUsable &&
           rungs[first].ms * fps <= 1000 * kOneCore * rungs[first].threads;
  };
  std::size_t first = 0;
  while (first < rungs.size() && !fits(first))
    ++first;
  verdict.fits = first == 0;
  for (auto i = first; i < rungs.size(); ++i)
    verdict.can_do.push_back(rungs[i].name);
  return verdict;
}

MachineCheck check_machine(const RoomConfig& config, const std::filesystem::path& programs, bool room_runs) {
  MachineCheck check;
  check_programs(config, programs, check.findings);
  check_run_dir(config, check.findings);
  check_disk(config, check.findings);
  check_secrets(config, check.findings);
  check_clock(check.findings);
  check_archive(config, check.findings);
  if (room_runs) return check;
  check_ports(config, check.findings);
  check_media(config, programs, check);
  return check;
}

} // namespace pult::control
