#include "transcode/transcoder.hpp"

#include "base/mixer_delay.hpp"
#include "transcode/picture_ring.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/json/array.hpp>
#include <cmath>
#include <sys/resource.h>

namespace pult::transcode {
namespace {

namespace json = boost::json;

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

double decibels(float peak) {
  return peak > 0 ? std::round(200 * std::log10(static_cast<double>(peak))) / 10 : -120;
}

json::object sound_report(const Mixer::Report& mixed) {
  const auto tenths = [](double value) { return std::round(value * 10) / 10; };
  return {{"peak_db", decibels(mixed.sound_peak)},
          {"momentary_lufs", tenths(mixed.loudness.momentary)},
          {"short_term_lufs", tenths(mixed.loudness.short_term)},
          {"integrated_lufs", tenths(mixed.loudness.integrated)},
          {"true_peak_db", tenths(mixed.loudness.true_peak)},
          {"feed", mixed.sound_feed}};
}

json::object feed_report(FeedInput& input, const Mixer::Report::Feed& mixed) {
  const auto counts = input.counts();
  return {{"name", input.name()},
          {"state", name_of(mixed.state)},
          {"connected", counts.connected},
          {"pictures", counts.pictures},
          {"passed_over", counts.passed_over},
          {"waiting", counts.waiting},
          {"sounds", counts.sounds},
          {"losses", mixed.losses},
          {"peak_db", decibels(input.take_peak())},
          {"gain_db", mixed.gain_db},
          {"muted", mixed.muted},
          {"delay_ms", input.delay().count()}};
}

json::object lower_third_report(const Mixer::Report& mixed) {
  const auto& text = mixed.lower_third;
  return {{"name", text.name},
          {"function", text.function},
          {"template", text.template_name},
          {"until", text.until},
          {"state", name_of(mixed.lower_third_state)},
          {"since", mixed.lower_third_since}};
}

json::object rung_report(const RenditionConfig& rendition, const EncodeMeter::Track& track) {
  return {{"name", rendition.name},
          {"pictures", track.packets},
          {"kbps", std::round(track.kbps)},
          {"delay_ms", track.mean_delay.count()},
          {"max_delay_ms", track.max_delay.count()}};
}

} // namespace

Transcoder::Transcoder(asio::io_context& io, Program& program)
    : io_(io), program_(program), self_(std::make_shared<Transcoder*>(this)), flush_timer_(io.get_executor()) {}

Result<std::unique_ptr<Transcoder>> Transcoder::open(asio::io_context& io, Program& program) {
  std::unique_ptr<Transcoder> transcoder(new Transcoder(io, program));
  if (auto opened = transcoder->open(); !opened) return opened.error();
  return transcoder;
}

Transcoder::~Transcoder() {
  *self_ = nullptr;
  slates_.reset();
  if (mixer_) mixer_->stop();
}

template <typename Function>
void Transcoder::post(Function function) {
  asio::post(io_, [self = self_, function = std::move(function)]() mutable {
    if (*self != nullptr) function(**self);
  });
}

Result<void> Transcoder::open() {
  const auto& config = program_.config;
  for (const auto& feed : config.feeds)
    inputs_.push_back(std::make_shared<FeedInput>(feed.name, feed.delay));
  ring_ = std::make_shared<PacketRing>(config.fps);
  meter_ = std::make_shared<EncodeMeter>(config.renditions.size() + config.sounds.size());
  mixer_ = std::make_unique<Mixer>(config, program_.epoch, inputs_, ladder_sink(), mixer_callbacks());

  auto feeds = FeedListener::open(io_, program_.run_dir.socket_path(socket_name::kTranscodeMedia),
                                  {config.programme, config.fps, program_.epoch}, inputs_,
                                  [this](auto level, auto text) { worker_->event(level, std::move(text)); });
  if (!feeds) return feeds.error();
  feeds_ = std::move(*feeds);
  auto worker = Worker::open(io_, program_.run_dir, program_.name,
                             {[this](const WantedState& state) { want(state); }, [this] { return report(); }, {}});
  if (!worker) return worker.error();
  worker_ = std::move(*worker);
  sender_ = std::make_unique<PackagerSender>(io_, program_.run_dir.socket_path(socket_name::kPackagerMedia), ring_,
                                             [this](auto request) { mixer_->ask_idr(request); });
  sender_->start();
  // The last applied state comes by a post of the Worker's: after it the mixer starts right.
  post([](Transcoder& self) { self.start_mixer(); });
  return {};
}

// A feed's delay is known here as well, because it needs slots of its ring.
void Transcoder::want(const WantedState& state) {
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const auto set = state.feeds.find(inputs_[i]->name());
    const bool here = set != state.feeds.end() && set->second.delay;
    const auto delay = here ? *set->second.delay : program_.config.feeds[i].delay;
    inputs_[i]->set_delay(std::clamp(delay, std::chrono::milliseconds(0), kMostDelay - kMixerDelay));
  }
  feeds_->delays_changed();
  mixer_->want(state);
}

void Transcoder::start_mixer() {
  mixer_->start();
  start_slates();
}

void Transcoder::start_slates() {
  SlateMaker::Callbacks callbacks;
  callbacks.card = [this](HousePicture card) { mixer_->set_card(std::move(card)); };
  callbacks.may_encode = [this] { return ring_->end() > 0; };
  callbacks.slate = [this](packet_link::Slate slate) {
    post([slate = std::move(slate)](Transcoder& self) { self.sender_->add_slate(slate); });
  };
  callbacks.failed = [this](const Error& error) { worker_->event("error", "slate: " + error.message); };
  slates_ = std::make_unique<SlateMaker>(program_.config, std::move(callbacks));
}

LadderSink Transcoder::ladder_sink() {
  LadderSink sink;
  sink.tracks = [this](packet_link::Hello hello) {
    ring_->add_run(std::move(hello));
    post([](Transcoder& self) { self.sender_->pump(); });
  };
  sink.packet = [this, grid = program_.config.grid(),
                 rungs = program_.config.renditions.size()](auto run, auto track, auto index, bool idr, Bytes bytes) {
    const auto moment = track < rungs ? grid.time_of(index) : time_of_sample((index + 1) * kSamplesPerSoundFrame);
    meter_->add(track, bytes.size(), program_.epoch.now() - moment);
    ring_->add(run, track, index, idr, std::move(bytes));
    post([](Transcoder& self) { self.sender_->pump(); });
  };
  sink.failed = [this](const Error& error) { worker_->event("error", "encoder: " + error.message); };
  return sink;
}

Mixer::Callbacks Transcoder::mixer_callbacks() {
  Mixer::Callbacks callbacks;
  callbacks.applied = [this](const WantedState& state, PictureIndex n) {
    post([state, n](Transcoder& self) { self.worker_->applied(state, n); });
  };
  callbacks.idr_chosen = [this](auto request, PictureIndex n) {
    post([request, n](Transcoder& self) { self.sender_->answer_idr(request, n); });
  };
  callbacks.event = [this](auto level, auto text) { worker_->event(level, std::move(text)); };
  callbacks.beat = [this] { program_.heartbeat.beat(); };
  return callbacks;
}

void Transcoder::stop(std::function<void()> done) {
  slates_->cancel();
  mixer_->stop();
  sender_->pump();
  flush(monotonic_now() + kFlush, std::move(done));
}

void Transcoder::flush(Nanoseconds deadline, std::function<void()> done) {
  if (sender_->flushed() || monotonic_now() > deadline) return done();
  flush_timer_.expires_after(std::chrono::milliseconds(5));
  flush_timer_.async_wait([this, deadline, done = std::move(done)](ErrorCode cancelled) {
    if (!cancelled) flush(deadline, done);
  });
}

json::object Transcoder::report() {
  const auto mixed = mixer_->report();
  const auto tracks = meter_->take();
  const auto sent = sender_->counts();
  json::array rungs;
  for (std::size_t i = 0; i < program_.config.renditions.size(); ++i)
    rungs.push_back(rung_report(program_.config.renditions[i], tracks[i]));
  json::array feeds;
  for (std::size_t i = 0; i < inputs_.size() && i < mixed.feeds.size(); ++i)
    feeds.push_back(feed_report(*inputs_[i], mixed.feeds[i]));
  const auto now = monotonic_now();
  const double cpu = cpu_seconds();
  const double elapsed = std::chrono::duration<double>(now - std::exchange(last_cpu_at_, now)).count();
  const double load = (cpu - std::exchange(last_cpu_, cpu)) / std::max(elapsed, 0.001);
  const auto overload = overload_.at(now, {mixed.repeated, mixed.dropped});
  json::array alarms;
  if (!overload.text.empty())
    alarms.push_back(json::object{{"level", overload.error ? "error" : "warning"}, {"text", overload.text}});
  return {{"run", mixed.run},
          {"runs", mixed.runs},
          {"first_picture", mixed.first_picture},
          {"next_picture", mixed.next_picture},
          {"scene", mixed.scene},
          {"pictures", mixed.pictures},
          {"late", mixed.late},
          {"reduced", mixed.reduced},
          {"repeated", mixed.repeated},
          {"dropped", mixed.dropped},
          {"skipped", mixed.skipped},
          {"alarms", std::move(alarms)},
          {"rungs", std::move(rungs)},
          {"feeds", std::move(feeds)},
          {"lower_third", lower_third_report(mixed)},
          {"sound", sound_report(mixed)},
          {"packager",
           {{"connected", sent.connected}, {"sent", sent.sent}, {"missed", sent.missed}, {"behind", sent.behind}}},
          {"cpu", std::round(load * 1000) / 1000}};
}

} // namespace pult::transcode
