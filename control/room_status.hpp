// `GET /api/v1/status`: what the crew sees at a glance, merged from what is wanted and what the workers last reported.
//
// Of the reports, these members are known here: ingest "feeds" [{"name","state","kbps","rtt_ms","lost","dropped",
// "verdict", …}]; decode {"feed","verdict", …}; transcode "rungs" and "feeds" [{"name", …}], "sound" {…}; packager
// "show", "live"; anybody "alarms" ["text" or {"level","text"}]. What is missing is not made up. Reports older than
// kSilentAfter are not believed. Pure; any thread.
#pragma once

#include "base/config.hpp"
#include "control/kept.hpp"
#include "control/run/program_record.hpp"
#include "control/worker_links.hpp"

#include <boost/json/object.hpp>
#include <string>
#include <vector>

namespace pult::control {

struct StatusInput {
  const RoomConfig& config;
  const KeptState& kept;
  std::vector<const WorkerView*> workers;
  std::vector<ProgramRecord> programs; // as far as there is a supervisor
  std::string trouble;                 // of pult.db or the control port; ""
  std::int64_t own_pid = 0;
  Nanoseconds wall{};
  Nanoseconds monotonic{};
  Nanoseconds started{}; // monotonic, of pultd: workers get a moment to be linked
  PictureIndex picture = 0;
  boost::json::value talk = nullptr; // what runs and what comes next (talks/archive.hpp)
  boost::json::value hold = nullptr; // consent: what is held, and why
  std::size_t failed_jobs = 0;       // for the archive, not tried again yet
};

boost::json::object room_status(const StatusInput& input);

struct Alarm {
  std::string level; // "warning", "error"
  std::string text;
};
// What is wrong now, worst first. Empty: nothing is degraded.
std::vector<Alarm> room_alarms(const StatusInput& input, const boost::json::array& feeds);

// Prometheus text (0.0.4): every number that a report carries, as pult_<path>{program,…}; objects of a list by "name".
std::string room_metrics(const StatusInput& input, std::uint64_t events, std::uint64_t wrong_tokens);

} // namespace pult::control
