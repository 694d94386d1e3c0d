#include "control/schedule/keeper.hpp"

#include "base/clock.hpp"
#include "control/plain_text.hpp"
#include "control/room_time.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace pult::control {
namespace {

using namespace std::chrono_literals;

constexpr auto kPatience = 25s; // the source's own 20 s, and a moment
constexpr auto kFirstLook = 2s; // pult.db is read by then

} // namespace

ScheduleKeeper::ScheduleKeeper(asio::io_context& io, Room& room, Archive& archive)
    : io_(io), room_(room), archive_(archive), source_(io), timer_(io.get_executor()) {
  if (room_.place().config.schedule.source.empty()) return;
  timer_.expires_after(kFirstLook);
  timer_.async_wait([this](ErrorCode cancelled) {
    if (!cancelled) look();
  });
}

void ScheduleKeeper::stop() {
  timer_.cancel();
}

Result<ScheduleKeeper::Import> ScheduleKeeper::import_text(std::string_view text, bool apply, const std::string& by) {
  auto reading = read_schedule(text, room_.place().config.schedule.room);
  if (!reading) return reading.error();
  Import import;
  import.differences = archive_.import(reading->talks, apply, by);
  import.reading = std::move(*reading);
  import.applied = apply;
  if (apply) last_ = wall_now();
  return import;
}

Task<Result<ScheduleKeeper::Import>> ScheduleKeeper::import_source(std::string source, bool apply, std::string by) {
  struct Waiting {
    SteadyTimer done;
    std::optional<Result<std::optional<std::string>>> got;
  };
  const auto waiting = std::make_shared<Waiting>(Waiting{SteadyTimer(io_.get_executor()), std::nullopt});
  waiting->done.expires_after(kPatience);
  const bool queued = source_.fetch(source, false, [waiting](Result<std::optional<std::string>> got) {
    waiting->got.emplace(std::move(got));
    waiting->done.cancel();
  });
  if (!queued) co_return Error{Errc::kUnavailable, "other schedules are being fetched; try again in a moment"};
  ErrorCode woken;
  co_await waiting->done.async_wait(asio::redirect_error(use_task, woken));
  if (!waiting->got) co_return Error{Errc::kTimeout, harmless(source, 200) + " does not answer"};
  if (!*waiting->got) co_return waiting->got->error();
  co_return import_text(***waiting->got, apply, by);
}

boost::json::object ScheduleKeeper::status() const {
  const auto& source = room_.place().config.schedule.source;
  return {{"source", source.empty() ? boost::json::value(nullptr) : boost::json::value(source)},
          {"last", last_.count() == 0 ? boost::json::value(nullptr) : boost::json::value(iso_time(last_))},
          {"trouble", trouble_}};
}

void ScheduleKeeper::look() {
  const auto& schedule = room_.place().config.schedule;
  if (room_.disk_was_read()) // before, every talk would look new
    source_.fetch(schedule.source, true, [this](auto got) { looked(std::move(got)); });
  timer_.expires_after(schedule.poll);
  timer_.async_wait([this](ErrorCode cancelled) {
    if (!cancelled) look();
  });
}

void ScheduleKeeper::tell(const std::string& trouble) {
  if (trouble == trouble_) return;
  trouble_ = trouble;
  room_.journal().add(trouble.empty() ? "info" : "warning", "pultd",
                      trouble.empty() ? "the schedule is read again" : "schedule: " + trouble + "; the old one stays");
}

void ScheduleKeeper::looked(Result<std::optional<std::string>> got) {
  if (!got) return tell(got.error().message);
  if (!*got) return tell("");
  const auto import = import_text(**got, true, "the schedule's source");
  tell(import ? "" : import.error().message);
  if (!import) return;
  for (const auto& line : import->reading.remarks)
    room_.journal().add("warning", "pultd", "schedule: " + line);
}

} // namespace pult::control
