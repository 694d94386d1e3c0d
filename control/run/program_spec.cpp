#include "control/run/program_spec.hpp"

#include <set>

namespace pult::control {
namespace {

using std::chrono::milliseconds;

// Of the live path. Slow work that a program starts beside it lowers itself (slates).
constexpr int kLiveNice = -10;
// Slow work takes what is left over; one step of it (a file that is synced to a busy disk) may take long.
constexpr int kIdleNice = 19;
constexpr milliseconds kLongestStep{120000};

ProgramSpec spec(const RoomConfig& config, const std::string& name, std::vector<std::string> more = {}) {
  ProgramSpec spec;
  spec.name = name;
  spec.nice = kLiveNice;
  spec.arguments = {name.substr(0, name.find('@')), "--config", config.file.string()};
  spec.arguments.insert(spec.arguments.end(), more.begin(), more.end());
  return spec;
}

bool has_own_port(const FeedConfig& feed) {
  return feed.port && feed.url.empty();
}

} // namespace

std::vector<ProgramSpec> programs_of(const RoomConfig& config) {
  std::vector<ProgramSpec> programs;
  auto packager = spec(config, "pult-packager");
  packager.gets_public_socket = true;
  programs.push_back(packager);
  programs.push_back(spec(config, "pult-transcode"));
  for (const auto& feed : config.feeds) {
    auto decode = spec(config, "pult-decode@" + feed.name, {"--feed", feed.name});
    // A feed that kills its decoder again and again is set aside; the others and the programme do not notice.
    decode.longest_pause = milliseconds(30000);
    programs.push_back(decode);
  }
  for (const auto& name : ingest_names(config)) {
    const auto at = name.find('@');
    const bool own_port = at != std::string::npos;
    programs.push_back(spec(
        config, name, own_port ? std::vector<std::string>{"--port", name.substr(at + 1)} : std::vector<std::string>{}));
  }
  if (config.archive.record) {
    auto jobs = spec(config, "pult-jobs");
    jobs.nice = kIdleNice;
    jobs.silence_limit = kLongestStep;
    programs.push_back(jobs);
  }
  auto pultd = spec(config, "pultd");
  pultd.silence_limit = milliseconds(5000); // no media runs through it
  pultd.nice = kLiveNice / 2;
  programs.push_back(pultd);
  return programs;
}

std::vector<std::string> ingest_names(const RoomConfig& config) {
  std::set<int> ports;
  for (const auto& feed : config.feeds)
    if (has_own_port(feed)) ports.insert(*feed.port);
  std::vector<std::string> names{"pult-ingest"};
  for (const int port : ports)
    names.push_back("pult-ingest@" + std::to_string(port));
  return names;
}

std::string ingest_of(const FeedConfig& feed) {
  return has_own_port(feed) ? "pult-ingest@" + std::to_string(*feed.port) : "pult-ingest";
}

} // namespace pult::control
