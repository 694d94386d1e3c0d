#include "transcode/mixer.hpp"

#include "base/mixer_delay.hpp"
#include "transcode/named_thread.hpp"
#include "transcode/plain_line.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace pult::transcode {
namespace {

// A run whose encoders failed is not replaced at once, lest a fault that stays eats the machine.
constexpr std::chrono::milliseconds kFailedPause{500};

// A second without a queue, and the encoders get full effort again.
std::size_t patience_of(const RoomConfig& config) {
  return static_cast<std::size_t>(config.fps);
}

float gain_of(const WantedState::FeedSetting& setting) {
  return setting.muted ? 0.0F : static_cast<float>(std::pow(10.0, std::clamp(setting.gain_db, -60.0, 20.0) / 20));
}

} // namespace

Mixer::Mixer(const RoomConfig& config, RoomEpoch epoch, FeedInputs inputs, LadderSink sink, Callbacks callbacks)
    : config_(config), grid_(config.grid()), cutting_(config.cutting()), epoch_(std::move(epoch)),
      scenes_(scenes_of(config)), inputs_(std::move(inputs)), sink_(std::move(sink)), callbacks_(std::move(callbacks)),
      keep_up_(Ladder::kQueuedPictures, patience_of(config)), presence_(inputs_.size(), FeedPresence(config.fps)),
      pictures_(inputs_.size()), shown_(inputs_.size()), composer_(config.programme), from_composer_(config.programme),
      lower_third_(config.fps, config.programme.height), sound_mixer_(inputs_.size()), settings_(inputs_.size()),
      heard_delays_(inputs_.size()), painter_(config, painter_callbacks()) {}

LowerThirdPainter::Callbacks Mixer::painter_callbacks() {
  LowerThirdPainter::Callbacks callbacks;
  callbacks.done = [this](const auto& text, auto graphic) {
    const std::lock_guard lock(mutex_);
    mail_.drawings.push_back({text, std::move(graphic)});
  };
  callbacks.fault = [this](const auto& name, const Error& error) {
    const std::lock_guard lock(mutex_);
    mail_.faults.push_back(fmt::format("template \"{}\" cannot be drawn: {}", name, error.message));
  };
  return callbacks;
}

Mixer::~Mixer() {
  stop();
}

void Mixer::start() {
  thread_ = std::thread([this] { run(); });
}

void Mixer::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
  if (reaper_.joinable()) reaper_.join();
}

void Mixer::want(const WantedState& state) {
  const std::lock_guard lock(mutex_);
  mail_.wanted = state;
}

void Mixer::ask_idr(std::uint32_t request) {
  const std::lock_guard lock(mutex_);
  mail_.idr_requests.push_back(request);
}

void Mixer::set_card(HousePicture card) {
  const std::lock_guard lock(mutex_);
  mail_.card = std::move(card);
}

Mixer::Report Mixer::report() {
  const std::lock_guard lock(mutex_);
  auto report = report_;
  report_.sound_peak = 0;
  return report;
}

// --- the thread ------------------------------------------------------------------------------------------------------

void Mixer::run() {
  name_this_thread("mixer");
  open_run();
  wait_for_first_pictures();
  begin_run(TickPlan::run_start(grid_, epoch_.now(), ladder_->ready() ? Nanoseconds(0) : Nanoseconds(kRunLead)));
  while (!stopping()) {
    callbacks_.beat();
    if (ladder_->failed()) wait_until(epoch_.now() + kFailedPause);
    const auto to_do = plan();
    if (to_do.what == TickPlan::Do::kWait) wait_until(grid_.time_of(to_do.n));
    if (to_do.what == TickPlan::Do::kCompose) tick(to_do.n);
    if (to_do.what == TickPlan::Do::kSkip) skip(to_do.n);
    if (to_do.what == TickPlan::Do::kRestart) restart(to_do.n);
  }
  ladder_->finish();
}

TickPlan Mixer::plan() const {
  if (ladder_->failed()) return {TickPlan::Do::kRestart, TickPlan::run_start(grid_, epoch_.now(), kRunLead)};
  return TickPlan::at(grid_, next_, epoch_.now(), kRunLead);
}

bool Mixer::stopping() {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Mixer::wait_until(Nanoseconds programme) {
  // steady_clock is CLOCK_MONOTONIC, the epoch's clock.
  const std::chrono::steady_clock::time_point at(epoch_.to_monotonic(programme));
  std::unique_lock lock(mutex_);
  woken_.wait_until(lock, at, [this] { return stopping_; });
}

void Mixer::read_mail() {
  Mail mail;
  {
    const std::lock_guard lock(mutex_);
    std::swap(mail, mail_);
  }
  if (mail.wanted) wanted_ = std::move(mail.wanted);
  if (mail.card) card_ = std::move(mail.card);
  for (const auto& drawing : mail.drawings)
    take_drawing(drawing);
  for (const auto& fault : mail.faults)
    callbacks_.event("error", fault);
  idr_requests_.insert(idr_requests_.end(), mail.idr_requests.begin(), mail.idr_requests.end());
}

// --- runs ------------------------------------------------------------------------------------------------------------

void Mixer::open_run() {
  started_ = epoch_.now();
  // Monotonic time rises over restarts of the program; the run directory does not outlive a boot.
  last_run_ = std::max(last_run_ + 1, static_cast<std::uint64_t>(monotonic_now().count()));
  ladder_ = std::make_unique<Ladder>(LadderSettings::of(config_), last_run_, sink_);
}

void Mixer::begin_run(PictureIndex n0) {
  next_ = n0;
  next_sound_ = grid_.sound_at_or_after(n0);
  keep_up_ = KeepUp(Ladder::kQueuedPictures, patience_of(config_));
  gap_ = false;
  const std::lock_guard lock(mutex_);
  report_.run = ladder_->run();
  report_.first_picture = n0;
  ++report_.runs;
}

// The sound that was missed is silence: the encoders fill it up themselves.
void Mixer::skip(PictureIndex n) {
  callbacks_.event("warning", fmt::format("the mixer was {} pictures late and skips to picture {}", n - next_, n));
  {
    const std::lock_guard lock(mutex_);
    report_.skipped += static_cast<std::uint64_t>(n - next_);
  }
  next_ = n;
  next_sound_ = std::max(next_sound_, grid_.sound_at_or_after(n));
  gap_ = true;
}

std::string Mixer::why_restart() const {
  if (ladder_->failed()) return "the encoders failed";
  return fmt::format("the mixer was {} pictures late", grid_.picture_at(epoch_.now()) - next_);
}

void Mixer::restart(PictureIndex n0) {
  callbacks_.event("warning", fmt::format("{}: a new encoder run begins at picture {}", why_restart(), n0));
  if (reaper_.joinable()) reaper_.join();
  // What the old run still encodes must not hold up the new one.
  reaper_ = std::thread([old = std::move(ladder_)]() mutable { old.reset(); });
  {
    const std::lock_guard lock(mutex_);
    report_.skipped += static_cast<std::uint64_t>(n0 - next_);
  }
  open_run();
  begin_run(n0);
}

bool Mixer::has_first_pictures() const {
  const auto& feeds = scenes_[on_air_.scene()].feeds;
  return std::all_of(feeds.begin(), feeds.end(), [this](auto feed) { return inputs_[feed]->counts().pictures > 0; });
}

void Mixer::wait_for_first_pictures() {
  for (auto waited = Nanoseconds(0); !stopping(); waited = epoch_.now() - started_) {
    read_mail();
    if (wanted_) { // applied with the first picture
      on_air_ = SceneSwitch(wanted_scene_of(*wanted_).value_or(0));
      want_lower_third(grid_.picture_at_or_after(epoch_.now()));
    }
    const bool ready = ladder_->ready() && has_first_pictures() && !lower_third_.is_drawing();
    if (waited > kFirstPictureWait || ready) return;
    wait_until(epoch_.now() + std::chrono::milliseconds(5));
  }
}

// --- one picture -----------------------------------------------------------------------------------------------------

void Mixer::tick(PictureIndex n) {
  read_mail();
  apply_wanted(n);
  pick_feeds(n);
  push_picture(n);
  mix_sound(n);
  update_report(n);
  next_ = n + 1;
}

std::optional<std::size_t> Mixer::wanted_scene_of(const WantedState& wanted) const {
  const auto& name = wanted.on_air.name;
  if (name.empty()) return on_air_.scene();
  for (std::size_t i = 0; i < scenes_.size(); ++i)
    if (scenes_[i].name == name) return i;
  return std::nullopt;
}

void Mixer::apply_wanted(PictureIndex n) {
  if (!wanted_) return;
  const bool new_lower_third = want_lower_third(n);
  const auto wanted = *std::exchange(wanted_, std::nullopt);
  const auto scene = wanted_scene_of(wanted);
  if (!scene) return callbacks_.event("error", "no scene \"" + wanted.on_air.name + "\" in this room");
  if (*scene != on_air_.scene()) {
    still_ = faded_;
    // Before the first picture there is nothing to fade from.
    on_air_.take(*scene, n, output_ ? wanted.on_air.fade.count() * config_.fps / 1000 : 0);
  }
  apply_sound(wanted);
  applied_.push_back({wanted, n, new_lower_third});
}

// A feed that is not named is as the config has it. What a show is loud begins with it.
void Mixer::apply_sound(const WantedState& wanted) {
  for (std::size_t feed = 0; feed < inputs_.size(); ++feed) {
    const auto set = wanted.feeds.find(inputs_[feed]->name());
    settings_[feed] = set != wanted.feeds.end() ? set->second : WantedState::FeedSetting{};
  }
  if (std::exchange(show_, wanted.show.id) != wanted.show.id) loudness_.restart();
}

// Before the first picture it was on air already, in the mixer before this one.
bool Mixer::want_lower_third(PictureIndex n) {
  const auto& text = wanted_->lower_third;
  const bool is_new = !(text == lower_third_.wanted());
  if (lower_third_.want(text, n, !output_)) painter_.ask(text);
  return is_new;
}

void Mixer::take_drawing(const Drawing& drawing) {
  if (!drawing.graphic)
    callbacks_.event("error", fmt::format("lower third \"{}\" cannot be drawn: {}", plain_line(drawing.text.name),
                                          drawing.graphic.error().message));
  lower_third_.drawn(drawing.text, drawing.graphic ? *drawing.graphic : nullptr);
}

// In order: a number that is answered says that all before it are. One that another text replaced waits no longer.
void Mixer::answer_applied(PictureIndex n) {
  for (; !applied_.empty(); applied_.pop_front()) {
    const auto& front = applied_.front();
    const bool replaced = !(front.wanted.lower_third == lower_third_.wanted());
    if (!replaced && !lower_third_.answered()) return;
    const auto lower_third = replaced ? n : *lower_third_.answered();
    if (front.new_lower_third && !replaced && lower_third_.is_drawing())
      callbacks_.event("warning", fmt::format("lower third \"{}\" is still being drawn; it shows when it is ready",
                                              plain_line(front.wanted.lower_third.name)));
    callbacks_.applied(front.wanted, front.new_lower_third ? std::max(front.picture, lower_third) : front.picture);
  }
}

Nanoseconds Mixer::due(PictureIndex n, const FeedInput& input) const {
  // The nearest to the programme's moment: half a picture off at most for a feed of another rate. One at the
  // programme's rate lies on the grid, so that this never takes its next one.
  return grid_.time_of(n) + grid_.time_of(1) / 2 - kMixerDelay - input.delay();
}

void Mixer::pick_feeds(PictureIndex n) {
  for (FeedNumber feed = 0; feed < inputs_.size(); ++feed) {
    auto pick = inputs_[feed]->pick(due(n, *inputs_[feed]));
    presence_[feed].tick(pick.fresh || pick.early);
    pictures_[feed] = std::move(pick.picture);
    shown_[feed] = presence_[feed].shown();
  }
  sources_ = sources_of(scenes_[on_air_.scene()], shown_);
}

HousePicture Mixer::compose_scene(std::size_t scene, Composer& composer, const Overlay& overlay) {
  const auto& slots = scenes_[scene].slots;
  const auto sources = sources_of(scenes_[scene], shown_);
  std::vector<Layer> layers;
  for (std::size_t i = 0; i < slots.size(); ++i)
    layers.push_back({sources.slots[i] ? pictures_[*sources.slots[i]] : card_, slots[i]});
  return composer.compose(layers, overlay);
}

HousePicture Mixer::compose(PictureIndex n) {
  const auto overlay = lower_third_.at(n);
  const auto fade = on_air_.fade_at(n);
  if (!fade) {
    still_ = faded_ = {};
    return compose_scene(on_air_.scene(), composer_, overlay);
  }
  const auto picture = compose_scene(on_air_.scene(), composer_);
  const auto from = fade->from ? compose_scene(*fade->from, from_composer_) : still_;
  faded_ = composer_.fade(from, picture, fade->weight);
  return composer_.cover(faded_, overlay);
}

void Mixer::push_picture(PictureIndex n) {
  const bool key = cutting_.starts_segment(n) || !idr_requests_.empty() || gap_;
  const auto give = keep_up_.next(ladder_->backlog(), key || !output_ || !applied_.empty());
  if (give == KeepUp::Give::kNew) {
    output_ = compose(n);
    answer_applied(n);
    // The answer goes out before the packet can.
    for (const auto request : idr_requests_)
      callbacks_.idr_chosen(request, n);
  }
  const bool tried = give != KeepUp::Give::kNothing && output_;
  const bool given = tried && ladder_->push_picture(n, output_, key, keep_up_.effort(), grid_.time_of(1));
  if (tried && !given) keep_up_.refused();
  if (given) idr_requests_.clear();
  gap_ = !given;
  const std::lock_guard lock(mutex_);
  ++(given ? report_.pictures : report_.dropped);
  if (given && give == KeepUp::Give::kAgain) ++report_.repeated;
  if (given && keep_up_.effort() == Effort::kReduced) ++report_.reduced;
}

// After a change of the feed's delay a frame goes over from what was due to what is due, so that nothing clicks.
void Mixer::read_feed(std::size_t feed, std::span<float> out) {
  const auto delay = inputs_[feed]->delay();
  const auto before = std::exchange(heard_delays_[feed], delay);
  const auto read = [&](std::chrono::milliseconds by, std::span<float> into) {
    const auto samples = (kMixerDelay + by).count() * kSampleRate / 1000;
    inputs_[feed]->read_sound(next_sound_ * kSamplesPerSoundFrame - samples, into);
  };
  read(delay, out);
  if (delay == before) return;
  SoundFrame old;
  read(before, old);
  go_over(old, out);
}

// All frames that begin before the next picture, and what the encoder looks ahead, so that a part's last sound packet
// is there with its last picture.
void Mixer::mix_sound(PictureIndex n) {
  std::vector<float> gains(inputs_.size(), 0.0F);
  if (sources_.sound) gains[*sources_.sound] = gain_of(settings_[*sources_.sound]);
  SoundFrame frame;
  for (; next_sound_ < grid_.sound_at_or_after(n + 1) + SoundEncoder::kLookAhead; ++next_sound_) {
    sound_mixer_.mix(
        gains, [this](auto feed, auto out) { read_feed(feed, out); }, frame);
    loudness_.add(frame);
    ladder_->push_sound(next_sound_, frame);
  }
}

void Mixer::update_report(PictureIndex n) {
  std::optional<LoudnessMeter::Reading> loudness;
  if (n - loudness_read_ >= config_.fps / 2) {
    loudness = loudness_.read();
    loudness_read_ = n;
  }
  const bool late = epoch_.now() - grid_.time_of(n) > grid_.time_of(1);
  const std::lock_guard lock(mutex_);
  report_.late += late ? 1 : 0;
  report_.next_picture = n + 1;
  report_.scene = scenes_[on_air_.scene()].name;
  report_.sound_peak = std::max(report_.sound_peak, sound_mixer_.take_peak());
  report_.feeds.resize(presence_.size());
  report_.sound_feed = sources_.sound ? inputs_[*sources_.sound]->name() : std::string();
  if (loudness) report_.loudness = *loudness;
  report_.lower_third = lower_third_.on_picture();
  report_.lower_third_state = lower_third_.state();
  report_.lower_third_since = lower_third_.since();
  for (std::size_t i = 0; i < presence_.size(); ++i)
    report_.feeds[i] = {presence_[i].state(), presence_[i].losses(), settings_[i].gain_db, settings_[i].muted};
}

} // namespace pult::transcode
