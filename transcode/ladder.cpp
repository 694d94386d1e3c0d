#include "transcode/ladder.hpp"

#include "transcode/named_thread.hpp"
#include "transcode/scaler.hpp"

#include <algorithm>
#include <numeric>

namespace pult::transcode {
namespace {

// Reading libav's plugin takes a fifth of a second at the first start; the sound of that time waits.
constexpr std::size_t kQueuedSoundFrames = 96; // 2 s
constexpr std::chrono::seconds kRungStuck{5};

// The order of the chain: each rung is scaled from the one before it.
std::vector<std::size_t> largest_first(const std::vector<RenditionConfig>& renditions) {
  std::vector<std::size_t> order(renditions.size());
  std::iota(order.begin(), order.end(), 0U);
  const auto area = [&](std::size_t i) { return renditions[i].size.width * renditions[i].size.height; };
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return area(a) > area(b); });
  return order;
}

} // namespace

LadderSettings LadderSettings::of(const RoomConfig& config) {
  return {config.programme, config.fps, config.x264_preset, config.renditions, config.sounds};
}

VideoSettings LadderSettings::video(std::size_t rendition) const {
  const auto& of = renditions[rendition];
  return {of.size, fps, of.video_kbps, preset.empty() ? "veryfast" : preset};
}

Ladder::Ladder(LadderSettings settings, std::uint64_t run, LadderSink sink)
    : settings_(std::move(settings)), run_(run), sink_(std::move(sink)), sound_queue_(kQueuedSoundFrames) {
  using packet_link::TrackKind;
  hello_.run = run;
  hello_.fps = settings_.fps;
  for (const auto& rendition : settings_.renditions)
    hello_.tracks.push_back({TrackKind::kVideo, rendition.name, {}, rendition.size.width, rendition.size.height, {}});
  for (const auto& sound : settings_.sounds)
    hello_.tracks.push_back({TrackKind::kSound, sound.name, {}, 0, 0, {}});
  unopened_ = hello_.tracks.size();
  start_rungs();
}

void Ladder::start_rungs() {
  for (const auto track : largest_first(settings_.renditions)) {
    rungs_.push_back(std::make_unique<Rung>());
    rungs_.back()->track = track;
  }
  for (std::size_t place = 0; place < rungs_.size(); ++place)
    rungs_[place]->thread = std::thread([this, place] { run_rung(place); });
  sound_thread_ = std::thread([this] { run_sound(); });
}

Ladder::~Ladder() {
  stop(true);
}

void Ladder::finish() {
  stop(false);
}

void Ladder::stop(bool discard) {
  // From the top down, so that each rung still gets what the one above it had.
  for (const auto& rung : rungs_) {
    rung->queue.close(discard);
    if (rung->thread.joinable()) rung->thread.join();
  }
  sound_queue_.close(discard);
  if (sound_thread_.joinable()) sound_thread_.join();
}

bool Ladder::push_picture(PictureIndex n, HousePicture picture, bool idr, Effort effort,
                          std::chrono::nanoseconds wait) {
  return rungs_.empty() || rungs_.front()->queue.give({n, std::move(picture), idr, effort}, wait);
}

bool Ladder::push_sound(SoundIndex m, const SoundFrame& frame) {
  return sound_queue_.give({m, frame}, std::chrono::nanoseconds(0));
}

std::size_t Ladder::backlog() const {
  std::size_t most = 0;
  for (const auto& rung : rungs_)
    most = std::max(most, rung->queue.size());
  return most;
}

void Ladder::run_rung(std::size_t place) {
  const auto track = rungs_[place]->track;
  name_this_thread("enc-" + settings_.renditions[track].name);
  auto encoder = VideoEncoder::open(settings_.video(track));
  if (!encoder) return fail(encoder.error());
  opened(track, (*encoder)->extradata());
  if (auto encoded = encode_rung(place, **encoder); !encoded) fail(encoded.error());
}

Result<void> Ladder::encode_rung(std::size_t place, VideoEncoder& encoder) {
  auto& rung = *rungs_[place];
  const auto size = settings_.renditions[rung.track].size;
  PicturePool pool(size);
  Scaler scaler;
  std::int64_t k = 0;
  while (auto item = rung.queue.take()) {
    if (!(item->picture.size() == size)) {
      auto scaled = pool.take();
      if (!scaled) return Error{Errc::kLimit, "no memory for a picture"};
      scaler.draw(item->picture, scaled, {0, 0, size.width, size.height});
      item->picture = std::move(scaled);
    }
    if (place + 1 < rungs_.size() && !rungs_[place + 1]->queue.give(*item, kRungStuck)) return {};
    auto packet = encoder.encode(item->picture, k++, item->idr, item->effort);
    if (!packet) return packet.error();
    item->picture = {};
    sink_.packet(run_, static_cast<std::uint16_t>(rung.track), item->n, packet->idr, std::move(packet->sample));
  }
  return {};
}

void Ladder::run_sound() {
  name_this_thread("enc-sound");
  if (auto encoded = encode_sound(); !encoded) fail(encoded.error());
}

Result<void> Ladder::encode_sound() {
  std::vector<std::unique_ptr<SoundEncoder>> encoders;
  for (std::size_t i = 0; i < settings_.sounds.size(); ++i) {
    auto constants = SoundConstants::find(settings_.sounds[i].kbps);
    if (!constants) return constants.error();
    auto encoder = SoundEncoder::open(settings_.sounds[i].kbps);
    if (!encoder) return encoder.error();
    encoders.push_back(std::move(*encoder));
    opened(settings_.renditions.size() + i, constants->extradata, constants->silence);
  }
  SoundIndex next = 0;
  bool begun = false;
  const auto encode = [&](const SoundFrame& frame) -> Result<void> {
    for (std::size_t i = 0; i < encoders.size(); ++i) {
      auto packet = encoders[i]->push(frame);
      if (!packet) return packet.error();
      if (!*packet) continue;
      const auto track = static_cast<std::uint16_t>(settings_.renditions.size() + i);
      sink_.packet(run_, track, next - SoundEncoder::kLookAhead, true, std::move(**packet));
    }
    ++next;
    return {};
  };
  while (auto item = sound_queue_.take()) {
    if (!std::exchange(begun, true)) next = item->m;
    while (next < item->m)
      if (auto filled = encode(SoundFrame{}); !filled) return filled;
    if (item->m < next) continue;
    if (auto encoded = encode(item->frame); !encoded) return encoded;
  }
  return {};
}

void Ladder::opened(std::size_t track, Bytes extradata, Bytes silence) {
  packet_link::Hello hello;
  {
    const std::lock_guard lock(mutex_);
    hello_.tracks[track].extradata = std::move(extradata);
    hello_.tracks[track].silence = std::move(silence);
    if (--unopened_ != 0) return;
    hello = hello_;
  }
  sink_.tracks(std::move(hello));
  ready_ = true;
}

void Ladder::fail(const Error& error) {
  if (!failed_.exchange(true)) sink_.failed(error);
}

} // namespace pult::transcode
