#include "packager/live_timeline.hpp"

#include <algorithm>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <pthread.h>
#include <spdlog/spdlog.h>

#include "base/link.hpp"
#include "packager/clean_programme.hpp"
#include "packager/show_promise.hpp"

namespace pult::packager {

namespace {

namespace json = boost::json;
using namespace std::chrono_literals;

// The thread looks up at least this often, so that its heartbeat shows that it lives.
constexpr auto kLongestSleep = 100ms;
// A wake that is later than this says that the machine, not transcode, was slow.
constexpr auto kLateWake = 30ms;
// Requests are small; transcode reads them at once.
constexpr Link::Bounds kLinkBounds{wire::kMaxPayloadBytes, 1U << 20};

// In requests for an IDR: the recording's timeline asks.
constexpr std::uint32_t kCleanRequest = 1U << 31;

std::optional<SlateKind> slate_kind(std::string_view name) {
  for (int kind = 0; kind < packet_link::kSlateKinds; ++kind)
    if (name == packet_link::name_of(static_cast<SlateKind>(kind))) return static_cast<SlateKind>(kind);
  return std::nullopt;
}

SharedBytes copy(ByteView bytes) {
  return share(Bytes(bytes.begin(), bytes.end()));
}

std::vector<TrackKind> kinds_of(const std::vector<TrackDescription>& tracks) {
  std::vector<TrackKind> kinds;
  for (const auto& track : tracks)
    kinds.push_back(track.kind);
  return kinds;
}

} // namespace

struct LiveTimeline::Impl : TimelineOut {
  Impl(const RoomConfig& room, const RunDir& directory, const RoomEpoch& room_epoch, Heartbeat& beat, Sinks takers,
       Callbacks on)
      : config(room), run_dir(directory), epoch(room_epoch), heartbeat(beat), sinks(std::move(takers)),
        callbacks(std::move(on)), tracks(describe_tracks(config)), formats_kept(run_dir.path()),
        promise(config.data_dir), timer(io.get_executor()), timeline(config.cutting(), kinds_of(tracks), *this),
        clean(config.cutting(), kinds_of(tracks), sinks.recorders,
              {[this](std::uint32_t request) { ask_clean_idr(request); },
               [this] { asio::post(io, [this] { settle_show(); }); }}) {}

  // --- the link ---
  void on_link(std::shared_ptr<Link> next);
  Result<void> on_frame(const Link* from, std::uint16_t type, ByteView payload);
  Result<void> on_hello(const packet_link::Hello& hello);
  Result<void> on_slate(const packet_link::Slate& slate);
  void on_packet(const packet_link::Packet& packet);
  void on_idr_answer(const packet_link::IdrAnswer& answer);
  void ask_clean_idr(std::uint32_t request);
  [[nodiscard]] std::optional<std::size_t> find_track(const packet_link::Track& said) const;

  // --- what is wanted ---
  void apply(const WantedState& state);
  void open_show(const std::string& id);
  void settle_show();
  void end_show();

  // --- the metronome ---
  void wake();
  void publish_status();
  void formats(const std::vector<TrackToolsPtr>& tools) override;
  void part(const CutPart& part) override;
  void show_ends(const std::string& show) override;
  void ask_idr(std::uint32_t request) override;
  void load_formats();

  RoomConfig config;
  RunDir run_dir;
  RoomEpoch epoch;
  Heartbeat& heartbeat;
  Sinks sinks;
  Callbacks callbacks;
  std::vector<TrackDescription> tracks;
  FormatStore formats_kept;
  ShowPromise promise;

  asio::io_context io{1};
  SteadyTimer timer;
  Timeline timeline;    // what viewers get
  CleanProgramme clean; // what is recorded
  std::unique_ptr<LinkListener> listener;
  std::shared_ptr<Link> link;
  std::vector<std::size_t> track_of; // the link's track → ours
  std::vector<TrackToolsPtr> newest; // ours, of the link's Hello

  WantedState wanted;
  std::optional<SlateKind> wanted_slate;
  std::unique_ptr<PartWriter> writer;
  std::string over; // the show that ended last
  bool was_live = false;

  mutable std::mutex status_mutex;
  json::object status;
  std::jthread thread; // last: ends before the rest goes
};

// --- the link ------------------------------------------------------------------------------------------------------

void LiveTimeline::Impl::on_link(std::shared_ptr<Link> next) {
  if (link) link->close({Errc::kUnavailable, "transcode dialled anew"});
  link = next;
  track_of.clear();
  next->start([this, raw = next.get()](std::uint16_t type, ByteView payload,
                                       const UniqueFd&) { return on_frame(raw, type, payload); },
              [this, raw = next.get()](const Error& reason) {
                if (link.get() != raw) return;
                link.reset();
                track_of.clear();
                timeline.link_closed();
                clean.timeline().link_closed();
                callbacks.event("warning", "transcode is gone: " + reason.message);
                wake();
              });
}

Result<void> LiveTimeline::Impl::on_frame(const Link* from, std::uint16_t type, ByteView payload) {
  if (link.get() != from) return {}; // of a link that was replaced
  const auto handle = [&](auto message, auto&& then) -> Result<void> {
    if (!message) return message.error();
    return then(*message);
  };
  if (type == packet_link::kHello)
    return handle(packet_link::decode_hello(payload), [this](const auto& hello) { return on_hello(hello); });
  if (track_of.empty()) return Error{Errc::kCorrupt, "packet link: no Hello before the first message"};
  switch (type) {
  case packet_link::kSlate:
    return handle(packet_link::decode_slate(payload), [this](const auto& slate) { return on_slate(slate); });
  case packet_link::kPacket:
    return handle(packet_link::decode_packet(payload), [this](const auto& packet) -> Result<void> {
      on_packet(packet);
      return {};
    });
  case packet_link::kIdrAnswer:
    return handle(packet_link::decode_idr_answer(payload), [this](const auto& answer) -> Result<void> {
      on_idr_answer(answer);
      return {};
    });
  default:
    return Error{Errc::kCorrupt, "packet link: unknown message"};
  }
}

void LiveTimeline::Impl::on_idr_answer(const packet_link::IdrAnswer& answer) {
  if ((answer.request & kCleanRequest) != 0) {
    clean.timeline().idr_answer(answer.request & ~kCleanRequest, answer.picture);
    timeline.idr_promised(answer.picture);
  } else {
    timeline.idr_answer(answer.request, answer.picture);
    clean.timeline().idr_promised(answer.picture);
  }
}

// While the stream is filled in for a fault its timeline asks, and both get the answer; behind a slate it does not.
void LiveTimeline::Impl::ask_clean_idr(std::uint32_t request) {
  if (wanted_slate) ask_idr(request | kCleanRequest);
}

std::optional<std::size_t> LiveTimeline::Impl::find_track(const packet_link::Track& said) const {
  const auto at = std::find_if(tracks.begin(), tracks.end(), [&](const TrackDescription& ours) {
    return ours.kind == said.kind && ours.name == said.name;
  });
  if (at == tracks.end()) return std::nullopt;
  return static_cast<std::size_t>(at - tracks.begin());
}

Result<void> LiveTimeline::Impl::on_hello(const packet_link::Hello& hello) {
  if (hello.version != packet_link::kVersion) return Error{Errc::kRefused, "packet link: another version"};
  if (hello.fps != config.fps) return Error{Errc::kRefused, "packet link: another picture rate than the config's"};
  std::vector<TrackToolsPtr> tools(tracks.size());
  std::vector<std::size_t> mapping;
  for (const auto& said : hello.tracks) {
    const auto ours = find_track(said);
    if (!ours) return Error{Errc::kRefused, "packet link: a track that the config does not have: " + said.name};
    auto made = make_track_tools(said, tracks[*ours].language);
    if (!made) return made.error();
    if (auto kept = formats_kept.keep(said, **made); !kept) spdlog::warn("{}", kept.error().message);
    tools[*ours] = *made;
    mapping.push_back(*ours);
  }
  const auto missing = std::find(tools.begin(), tools.end(), nullptr);
  if (missing != tools.end())
    return Error{Errc::kRefused,
                 "packet link: no track " + tracks[static_cast<std::size_t>(missing - tools.begin())].name};
  track_of = std::move(mapping);
  newest = tools;
  clean.timeline().link_opened(hello.run, tools, epoch.now());
  timeline.link_opened(hello.run, std::move(tools), epoch.now());
  packet_link::Resume resume{hello.run, {}};
  const auto needed = timeline.next_needed();
  for (const std::size_t ours : track_of)
    if (!needed.empty()) resume.next.push_back(needed[ours]);
  link->send(packet_link::kResume, encode(resume));
  callbacks.event("info", fmt::format("transcode is connected, encoder run {}", hello.run));
  wake();
  return {};
}

Result<void> LiveTimeline::Impl::on_slate(const packet_link::Slate& slate) {
  if (slate.track >= track_of.size()) return Error{Errc::kCorrupt, "packet link: slate of an unknown track"};
  const std::size_t ours = track_of[slate.track];
  if (!newest[ours]->video) return Error{Errc::kCorrupt, "packet link: slate of a sound track"};
  auto header = parse_sample_header(slate.sample, *newest[ours]->video);
  if (!header) return header.error();
  if (!header->idr) return Error{Errc::kCorrupt, "packet link: a slate that is no IDR"};
  if (auto kept = formats_kept.keep_slate(*newest[ours], slate.kind, slate.sample); !kept)
    spdlog::warn("{}", kept.error().message);
  const auto idr = share(slate.sample);
  timeline.slate(ours, slate.kind, idr);
  clean.timeline().slate(ours, slate.kind, idr);
  return {};
}

void LiveTimeline::Impl::on_packet(const packet_link::Packet& packet) {
  if (packet.track >= track_of.size()) return;
  const auto bytes = copy(packet.bytes);
  timeline.packet(track_of[packet.track], packet.run, packet.index, bytes);
  clean.timeline().packet(track_of[packet.track], packet.run, packet.index, bytes);
  wake();
}

// --- what is wanted ------------------------------------------------------------------------------------------------

void LiveTimeline::Impl::apply(const WantedState& state) {
  wanted = state;
  // Who may not be seen is hidden by the pause slate.
  wanted_slate = state.hold.stream && state.slate.kind.empty() ? SlateKind::kPause : slate_kind(state.slate.kind);
  timeline.crew_slate(wanted_slate, epoch.now());
  settle_show();
  const Grid grid = config.grid();
  const PictureIndex shows_at = timeline.on_air() ? timeline.next_picture() : grid.picture_at(epoch.now());
  callbacks.applied(state, shows_at);
  wake();
}

void LiveTimeline::Impl::settle_show() {
  const bool live = wanted.show.state == WantedState::ShowState::kLive;
  if (timeline.on_air()) {
    if (!live || timeline.show() != wanted.show.id) end_show();
    if (timeline.on_air()) return; // its last segment runs
  }
  if (clean.on_air()) return; // the recording's last part is on its way
  if (!wanted.show.id.empty() && wanted.show.id != over) open_show(wanted.show.id);
}

void LiveTimeline::Impl::end_show() {
  timeline.end_show();
  if (clean.on_air()) clean.timeline().end_show();
}

// Also for a show that is over by now: its last segment may be unfinished in the run directory.
void LiveTimeline::Impl::open_show(const std::string& id) {
  const bool live = wanted.show.state == WantedState::ShowState::kLive;
  if (!live && !std::filesystem::exists(run_dir.path() / "live" / id / "show")) return;
  auto opened = PartWriter::open(run_dir.path(), id, config, epoch, sinks);
  if (!opened) return callbacks.event("error", opened.error().message);
  writer = std::move(*opened);
  writer->remove_others();
  auto point = writer->resume(formats_kept);
  if (!point) callbacks.event("error", point.error().message);
  if (writer->ended()) {
    over = id;
    if (point && *point)
      for (const auto& takers : {sinks.window, sinks.recorders})
        for (PartSink* sink : takers)
          sink->show_ends(id);
    return;
  }
  if (point && *point) {
    timeline.resume_show(**point, epoch.now());
    if (clean.wanted()) clean.timeline().resume_show(**point, epoch.now());
    if (!live) end_show();
    return callbacks.event("info", fmt::format("show {} goes on at picture {}", id, timeline.next_picture()));
  }
  if (!live) return;
  // Its timeline is lost (reboot, power cut) when the disk knows the show and the run directory does not.
  const auto promised = ShowPromise::read(config.data_dir);
  const bool known = promised && promised->show == id;
  const std::int64_t highest = std::max(writer->highest_sequence(), known ? promised->highest_sequence : -1);
  promise.need(id, highest + 1);
  const auto now = epoch.now();
  timeline.begin_show(id, highest + 1, highest >= 0, now);
  if (clean.wanted()) clean.timeline().begin_show(id, highest + 1, highest >= 0, now);
  callbacks.event("info",
                  fmt::format("show {} begins at picture {}, segment {}", id, timeline.span().first, highest + 1));
}

// --- the metronome -------------------------------------------------------------------------------------------------

void LiveTimeline::Impl::wake() {
  const auto now = epoch.now();
  auto next = timeline.advance(now);
  if (clean.wanted()) {
    const auto of_recording = clean.timeline().advance(now);
    if (of_recording) next = next ? std::min(*next, *of_recording) : of_recording;
  }
  heartbeat.beat();
  if (timeline.live() != was_live && timeline.on_air()) {
    was_live = timeline.live();
    callbacks.event(was_live ? "info" : "warning", was_live ? "the programme is live" : "the stream is filled in");
  }
  publish_status();
  const auto latest = std::chrono::steady_clock::now() + kLongestSleep;
  // steady_clock is CLOCK_MONOTONIC, the epoch's clock.
  const auto due = next ? std::chrono::steady_clock::time_point(epoch.to_monotonic(*next)) : latest;
  timer.expires_at(std::min(latest, due));
  timer.async_wait([this, expected = timer.expiry()](ErrorCode cancelled) {
    if (cancelled) return;
    if (std::chrono::steady_clock::now() - expected > kLateWake) {
      timeline.woke_late(epoch.now());
      clean.timeline().woke_late(epoch.now());
    }
    wake();
  });
}

void LiveTimeline::Impl::formats(const std::vector<TrackToolsPtr>& tools) {
  writer->formats(tools);
}

void LiveTimeline::Impl::part(const CutPart& cut) {
  promise.need(timeline.show(), cut.sequence);
  if (const auto part = writer->write(cut)) clean.published(cut, *part);
}

void LiveTimeline::Impl::show_ends(const std::string& show) {
  writer->end();
  over = show;
  callbacks.event("info", fmt::format("show {} is over", show));
  asio::post(io, [this] { settle_show(); }); // another one may be wanted by now
}

void LiveTimeline::Impl::ask_idr(std::uint32_t request) {
  if (link) link->send(packet_link::kIdrRequest, encode(packet_link::IdrRequest{request}));
}

void LiveTimeline::Impl::load_formats() {
  for (std::size_t t = 0; t < tracks.size(); ++t)
    if (auto format = formats_kept.load(tracks[t].name, tracks[t].language)) {
      timeline.remember(t, format->tools, format->slates);
      clean.timeline().remember(t, format->tools, format->slates);
    }
}

void LiveTimeline::Impl::publish_status() {
  const auto& counters = timeline.counters();
  json::object now{
      {"show", timeline.on_air() ? json::value(timeline.show()) : json::value(nullptr)},
      {"live", timeline.live()},
      {"connected", !track_of.empty()},
      {"next_picture", timeline.on_air() ? timeline.next_picture() : 0},
      {"usual_ms", std::chrono::duration_cast<std::chrono::milliseconds>(timeline.usual()).count()},
      {"parts", counters.parts},
      {"filled_pictures", counters.filled_pictures},
      {"filled_sounds", counters.filled_sounds},
      {"faults", counters.faults},
      {"late_packets", counters.late_packets},
      {"refused_packets", counters.refused_packets},
      {"late_parts", counters.late_parts},
      {"worst_lateness_ms", std::chrono::duration_cast<std::chrono::milliseconds>(counters.worst_lateness).count()},
      {"discontinuities", counters.discontinuities},
      {"write_failures", writer ? writer->failures() : 0}};
  const auto slate = timeline.slate_shown();
  now["slate"] = slate ? json::value(packet_link::name_of(*slate)) : json::value(nullptr);
  const std::lock_guard lock(status_mutex);
  status = std::move(now);
}

// --- outside -------------------------------------------------------------------------------------------------------

LiveTimeline::LiveTimeline(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<LiveTimeline>> LiveTimeline::start(const RoomConfig& config, const RunDir& run_dir,
                                                          const RoomEpoch& epoch, Heartbeat& heartbeat, Sinks sinks,
                                                          Callbacks callbacks) {
  auto impl = std::make_unique<Impl>(config, run_dir, epoch, heartbeat, std::move(sinks), std::move(callbacks));
  auto listener = LinkListener::open(impl->io, run_dir.socket_path(socket_name::kPackagerMedia), kLinkBounds,
                                     [raw = impl.get()](auto link) { raw->on_link(std::move(link)); });
  if (!listener) return listener.error();
  impl->listener = std::move(*listener);
  impl->load_formats();
  impl->thread = std::jthread([raw = impl.get()] {
    pthread_setname_np(pthread_self(), "timeline");
    raw->wake();
    raw->io.run();
  });
  return std::unique_ptr<LiveTimeline>(new LiveTimeline(std::move(impl)));
}

LiveTimeline::~LiveTimeline() {
  impl_->io.stop();
  impl_->thread.join();
}

void LiveTimeline::want(const WantedState& state) {
  asio::post(impl_->io, [impl = impl_.get(), state] { impl->apply(state); });
}

boost::json::object LiveTimeline::status() const {
  const std::lock_guard lock(impl_->status_mutex);
  return impl_->status;
}

} // namespace pult::packager
