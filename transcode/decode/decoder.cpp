#include "transcode/decode/decoder.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace pult::transcode::decode {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{2000};
constexpr seconds kHealthy{5}; // a pipeline that lived that long begins with a short pause again
constexpr seconds kCatchUp{5};
constexpr seconds kFarBehind{3};
constexpr milliseconds kRefused{500}; // a failure is reported long before
constexpr seconds kStuck{2};
constexpr seconds kPictureless{3};
constexpr seconds kSilent{1};
constexpr seconds kTellAgain{30};

} // namespace

Decoder::Decoder(asio::io_context& io, Grid grid, const RoomEpoch& epoch, MixerLink& mixer,
                 std::chrono::seconds too_late)
    : io_(io), grid_(grid), placer_(grid, epoch, mixer, too_late), pause_(kFirstPause),
      self_(std::make_shared<Decoder*>(this)) {
  options_.both_fields = grid.fps() >= 50;
}

Decoder::~Decoder() {
  stop();
}

void Decoder::stop() {
  *self_ = nullptr;
  drop_pipeline();
}

void Decoder::begin_link() {
  connection_.reset();
}

void Decoder::start_anew(const std::string& reason) {
  psi_.reset();
  options_.whole_pictures = true;
  not_before_ = {};
  pause_ = kFirstPause;
  if (pipeline_) restart(reason);
}

void Decoder::take(const feed_link::Chunk& chunk) {
  last_chunk_ = monotonic_now();
  if (connection_ != chunk.connection) {
    connection_ = chunk.connection;
    start_anew("a new connection of the sender");
  }
  auto rest = chunk.bytes;
  while (const auto changed = psi_.scan(rest)) {
    // The old pipeline gets what came before the packet with the new map; the new one begins with its tables.
    feed(chunk.arrival, rest.first(*changed - std::min(*changed, PsiWatch::kPacket)));
    not_before_ = {}; // what failed with the old map says nothing of this one
    restart("the programme map changed");
    rest = rest.subspan(*changed);
  }
  feed(chunk.arrival, rest);
}

void Decoder::feed(Nanoseconds arrival, ByteView bytes) {
  if (bytes.empty()) return;
  if (!ensure_pipeline(arrival)) {
    ++chunks_dropped_;
    return;
  }
  if (far_behind(arrival) || pipeline_->full()) {
    ++chunks_dropped_;
    last_error_ = "decoding does not keep up: this machine is too slow for the feed";
    return restart(last_error_);
  }
  if (pipeline_->push(arrival, bytes)) {
    refused_since_.reset();
    return;
  }
  ++chunks_dropped_;
  const auto now = monotonic_now();
  if (now - refused_since_.value_or(now) > kRefused) return restart("the pipeline takes no data");
  refused_since_ = refused_since_.value_or(now);
}

// A pipeline that is catching up with a replay is given time.
bool Decoder::far_behind(Nanoseconds arrival) const {
  const auto at = pipeline_->oldest_waiting();
  return at && monotonic_now() - started_ > kCatchUp && arrival - *at > kFarBehind;
}

bool Decoder::ensure_pipeline(Nanoseconds arrival) {
  if (pipeline_) return true;
  const auto now = monotonic_now();
  if (now < not_before_) return false;
  placer_.begin();
  auto started = DecodePipeline::start(options_, sinks());
  if (!started) {
    last_error_ = started.error().message;
    not_before_ = now + kLongestPause;
    return false;
  }
  pipeline_ = std::move(*started);
  started_ = moved_at_ = now;
  consumed_ = 0;
  refused_since_.reset();
  if (psi_.has_map()) pipeline_->push(arrival, psi_.tables());
  return true;
}

void Decoder::drop_pipeline() {
  ++generation_;
  pipeline_.reset();
  const std::lock_guard lock(found_.mutex);
  found_.picture.clear();
  found_.sound.clear();
  found_.picture_unsupported = found_.sound_unsupported = false;
}

void Decoder::restart(const std::string& reason) {
  const auto now = monotonic_now();
  // A feed that fails each two seconds for an hour is one fault, not 1,800 lines.
  if (reason != told_reason_ || now - told_at_ > kTellAgain) {
    spdlog::info("decoding starts anew: {}", reason);
    told_reason_ = reason;
    told_at_ = now;
  }
  drop_pipeline();
  ++restarts_;
}

DecodePipeline::Sinks Decoder::sinks() {
  DecodePipeline::Sinks sinks;
  sinks.demuxed = [this](Track track, Nanoseconds arrival, Nanoseconds dts, Nanoseconds pts) {
    placer_.demuxed(track, arrival, dts, pts);
  };
  sinks.picture = [this](GstBuffer* buffer, const GstVideoInfo& info, Nanoseconds pts) {
    placer_.picture(buffer, info, pts);
  };
  sinks.sound = [this](Nanoseconds pts, std::span<const float> samples) { placer_.sound(pts, samples); };
  sinks.found = [this](Track track, const std::string& codec, bool supported) {
    const std::lock_guard lock(found_.mutex);
    (track == Track::kPicture ? found_.picture : found_.sound) = codec;
    (track == Track::kPicture ? found_.picture_unsupported : found_.sound_unsupported) = !supported;
  };
  sinks.failed = [self = self_, io = &io_, generation = generation_](DecodePipeline::Failure failure,
                                                                     const std::string& reason) {
    asio::post(*io, [self, generation, failure, reason] {
      if (*self != nullptr) (*self)->on_failed(generation, failure, reason);
    });
  };
  return sinks;
}

void Decoder::on_failed(std::uint64_t generation, DecodePipeline::Failure failure, const std::string& reason) {
  if (generation != generation_ || !pipeline_) return;
  if (failure == DecodePipeline::Failure::kBundled) options_.whole_pictures = false;
  const auto now = monotonic_now();
  if (failure == DecodePipeline::Failure::kError) {
    last_error_ = reason;
    pause_ = now - started_ > kHealthy ? kFirstPause : std::min(pause_ * 2, kLongestPause);
    not_before_ = now + pause_;
  }
  restart(reason);
}

void Decoder::tick() {
  const auto now = monotonic_now();
  if (pipeline_) watch_progress(now);
}

void Decoder::watch_progress(Nanoseconds now) {
  const auto consumed = pipeline_->consumed();
  if (consumed != consumed_ || pipeline_->backlog_bytes() == 0) moved_at_ = now;
  consumed_ = consumed;
  stuck_ = now - moved_at_ > kStuck;
  const auto stats = placer_.stats();
  const auto newest = std::max(stats.last_picture, started_);
  const bool had_pictures = stats.last_picture > started_;
  const bool data_goes_on = now - last_chunk_ < kSilent && now - started_ > kPictureless;
  bool promised = false;
  {
    const std::lock_guard lock(found_.mutex);
    promised = !found_.picture.empty() && !found_.picture_unsupported;
  }
  const bool pictureless =
      promised && had_pictures && data_goes_on && now - newest > kPictureless && stats.last_drop + kPictureless < now;
  if (!stuck_ && !pictureless) return;
  last_error_ = stuck_ ? "decoding stood still" : "pictures stopped though their data went on";
  stuck_ = false;
  restart(last_error_);
}

DecoderReport Decoder::report() const {
  DecoderReport report;
  report.media = placer_.stats();
  {
    const std::lock_guard lock(found_.mutex);
    report.picture_codec = found_.picture;
    report.sound_codec = found_.sound;
  }
  report.restarts = restarts_;
  report.chunks_dropped = chunks_dropped_;
  report.backlog_bytes = pipeline_ ? pipeline_->backlog_bytes() : 0;
  report.verdict = verdict();
  report.last_error = last_error_.empty() ? report.media.last_error : last_error_;
  return report;
}

std::string Decoder::verdict() const {
  const auto now = monotonic_now();
  if (last_chunk_ == Nanoseconds::zero() || now - last_chunk_ > kSilent) return "no data";
  if (!psi_.has_map()) return "no valid transport stream";
  const std::lock_guard lock(found_.mutex);
  const auto stats = placer_.stats();
  if (found_.picture_unsupported) return "unsupported picture (" + found_.picture + "): set the encoder to H.264";
  if (now - stats.last_picture < kSilent) {
    if (!found_.sound_unsupported) return "good";
    return "unsupported sound (" + found_.sound + "), the picture is good: set the encoder to AAC";
  }
  if (!found_.picture.empty())
    return stats.last_drop + kSilent > now ? "the mixer takes no pictures" : "no picture yet: waiting for a key frame";
  if (now - stats.last_sound < kSilent) return "sound only";
  return "unsupported: neither picture nor sound that can be decoded; set the encoder to H.264 and AAC";
}

} // namespace pult::transcode::decode
