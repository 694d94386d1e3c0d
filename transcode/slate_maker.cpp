#include "transcode/slate_maker.hpp"

#include "transcode/card.hpp"
#include "transcode/named_thread.hpp"
#include "transcode/scaler.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace pult::transcode {
namespace {

// Behind the live encoders; but at 19 a busy machine takes seconds to let the thread die when the program ends.
constexpr int kNice = 5;

} // namespace

SlateMaker::SlateMaker(RoomConfig config, Callbacks callbacks)
    : config_(std::move(config)), ladder_(LadderSettings::of(config_)), callbacks_(std::move(callbacks)),
      thread_([this] { run(); }) {}

SlateMaker::~SlateMaker() {
  stopped_ = true;
  thread_.join();
}

void SlateMaker::run() {
  using packet_link::SlateKind;
  name_this_thread("slates");
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNice);
  callbacks_.card(draw_card(config_.programme, no_signal_text(config_)));
  while (!stopped_ && !callbacks_.may_encode())
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  for (const auto kind : {SlateKind::kFault, SlateKind::kStart, SlateKind::kPause, SlateKind::kEnd})
    encode(kind);
}

void SlateMaker::encode(packet_link::SlateKind kind) {
  if (stopped_) return;
  const auto picture = draw_card(config_.programme, slate_text(config_, kind));
  for (std::size_t i = 0; i < ladder_.renditions.size() && !stopped_; ++i) {
    auto sample = encode_slate(picture, ladder_.video(i));
    if (!sample) return callbacks_.failed(sample.error());
    callbacks_.slate({static_cast<std::uint16_t>(i), kind, std::move(*sample)});
  }
}

Result<Bytes> encode_slate(const HousePicture& picture, const VideoSettings& settings) {
  PicturePool pool(settings.size);
  auto scaled = pool.take();
  if (!scaled) return Error{Errc::kLimit, "no memory for a slate"};
  Scaler scaler;
  scaler.draw(picture, scaled, {0, 0, settings.size.width, settings.size.height});
  auto encoder = VideoEncoder::open(settings);
  if (!encoder) return encoder.error();
  auto packet = (*encoder)->encode(scaled, 0, true);
  if (!packet) return packet.error();
  return std::move(packet->sample);
}

} // namespace pult::transcode
