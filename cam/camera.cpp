#include "cam/camera.hpp"

#include "base/clock.hpp"
#include "cam/ts_muxer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

namespace pult::cam {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr auto kOriginGrid = 120s; // holds whole minutes (wall phase) and whole sound loops of 8 s
constexpr nanoseconds kFirstPause = 200ms;
constexpr nanoseconds kLongestPause = 2s;
constexpr nanoseconds kLasting = 2s; // a connection that holds this long was a good one
constexpr auto kTooLate = 1s;        // a busy machine is late by less; later than this a receiver has given up on it

// Two minutes back at most four, so that a decode time before the first picture is not negative.
Ticks origin_for(nanoseconds wall) {
  const auto since = std::chrono::floor<std::chrono::seconds>(wall);
  return since - since % kOriginGrid - kOriginGrid;
}

} // namespace

Camera::Camera(std::string name, SrtTarget target, std::unique_ptr<MediaSource> source, Signals& signals)
    : name_(std::move(name)), target_(std::move(target)), source_(std::move(source)), signals_(signals),
      origin_(origin_for(wall_now())) {}

void Camera::say(const std::string& state) {
  if (state == said_) return;
  said_ = state;
  std::fputs(fmt::format("pult-cam {}: {}\n", name_, state).c_str(), stderr);
}

Result<void> Camera::run() {
  nanoseconds pause = kFirstPause;
  while (!signals_.stopped()) {
    auto sender = SrtSender::dial(target_, [this] { return signals_.stopped(); });
    if (signals_.stopped()) break;
    if (sender) {
      say("connected to " + target_.where());
      const auto since = monotonic_now();
      auto served = serve(*sender);
      if (served || served.error().code != Errc::kUnavailable) return served;
      const auto dropped = sender->dropped_payloads();
      say(dropped == 0 ? "lost, redialling"
                       : fmt::format("lost, redialling ({} payloads were dropped, the line is too narrow)", dropped));
      if (monotonic_now() - since >= kLasting) pause = kFirstPause;
    } else {
      const auto& error = sender.error();
      say(error.code == Errc::kRefused ? "refused: " + error.message
                                       : target_.where() + ": " + error.message + ", redialling");
    }
    if (!signals_.wait_until(monotonic_now() + pause)) break;
    pause = std::min(pause * 2, kLongestPause);
  }
  return {};
}

Result<void> Camera::serve(SrtSender& sender) {
  const auto wall_less_monotonic = wall_now() - monotonic_now();
  auto muxer = TsMuxer::create(*source_, origin_);
  if (!muxer) return muxer.error();
  if (auto started = source_->start(floor_ticks(wall_now())); !started) return started;
  while (!signals_.stopped())
    if (auto sent = send_next(sender, **muxer, wall_less_monotonic); !sent) return sent;
  return {};
}

Result<void> Camera::send_next(SrtSender& sender, TsMuxer& muxer, nanoseconds wall_less_monotonic) {
  auto packet = source_->next();
  if (!packet) return packet.error();
  const auto now = floor_ticks(monotonic_now() + wall_less_monotonic);
  if (now - packet->due > kTooLate) return source_->start(now);
  // Rounded up: never before its time.
  const auto due = ceil_nanoseconds(packet->due) - wall_less_monotonic;
  if (!signals_.wait_until(due)) return {};
  auto bytes = muxer.mux(*packet);
  if (!bytes) return bytes.error();
  return sender.send(*bytes);
}

} // namespace pult::cam
