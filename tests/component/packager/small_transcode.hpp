// Transcode in small, for tests: dials, says Hello, sends pre-encoded pictures and sound when they are due.
//
// One rung "360p" (two segments of pictures, an IDR at each segment) and one sound "original", at 25 pictures a second.
// It keeps all that it may send, so a Resume is always served. A thread of its own.
#pragma once

#include <thread>

#include "base/link.hpp"
#include "base/messages/packet_link.hpp"
#include "base/room_epoch.hpp"
#include "base/run_dir.hpp"
#include "test_media.hpp"

namespace pult::packager::test {

using namespace std::chrono_literals;
inline constexpr int kSenderSegment = 48;

class Sender {
 public:
  Sender(const RunDir& run_dir, const RoomEpoch& epoch, const EncodedVideo& video, const EncodedSound& sound,
         std::uint64_t run)
      : epoch_(epoch), video_(video), sound_(sound), run_(run),
        dialer_(io_, run_dir.socket_path(socket_name::kPackagerMedia), {}, [this](auto link) { on_link(link); }),
        timer_(io_.get_executor()) {
    dialer_.dial();
    thread_ = std::jthread([this] { io_.run(); });
  }
  ~Sender() {
    io_.stop();
    thread_.join();
  }

 private:
  void on_link(std::shared_ptr<Link> link) {
    link_ = link;
    link->start([this](std::uint16_t type, ByteView payload, const UniqueFd&) { return on_frame(type, payload); },
                [this](const Error&) {
                  link_.reset();
                  dialer_.dial();
                });
    packet_link::Track high;
    high.name = "360p";
    high.extradata = video_.avcc;
    high.width = 320;
    high.height = 180;
    packet_link::Track original;
    original.kind = packet_link::TrackKind::kSound;
    original.name = "original";
    original.extradata = sound_.config;
    original.silence = {0x21, 0x10, 0x04, 0x60, 0x8c, 0x1c};
    link_->send(packet_link::kHello, encode(packet_link::Hello{packet_link::kVersion, run_, 25, {high, original}}));
    for (int kind = 0; kind < packet_link::kSlateKinds; ++kind)
      link_->send(packet_link::kSlate, encode(packet_link::Slate{0, static_cast<packet_link::SlateKind>(kind),
                                                                 video_.samples[kSenderSegment]}));
  }

  Result<void> on_frame(std::uint16_t type, ByteView payload) {
    if (type == packet_link::kIdrRequest) return {}; // our next IDR is the next segment's
    auto resume = packet_link::decode_resume(payload);
    if (!resume) return resume.error();
    if (next_picture_ == 0)
      next_picture_ = grid_.next_meeting((grid_.picture_at(epoch_.now()) / kSenderSegment + 1) * kSenderSegment);
    if (next_sound_ == 0) next_sound_ = grid_.sound_at_or_after(next_picture_);
    if (!resume->next.empty()) {
      next_picture_ = std::max<PictureIndex>(first_picture(), std::min(next_picture_, resume->next[0]));
      next_sound_ = std::max(grid_.sound_at_or_after(first_picture()), std::min(next_sound_, resume->next[1]));
    }
    tick();
    return {};
  }

  PictureIndex first_picture() {
    if (first_ == 0) first_ = next_picture_;
    return first_;
  }

  void tick() {
    if (!link_) return;
    (void)first_picture();
    for (; grid_.time_of(next_picture_) + 60ms <= epoch_.now(); ++next_picture_) {
      const auto at = static_cast<std::size_t>(next_picture_ % kSenderSegment);
      link_->send(packet_link::kPacket,
                  encode(packet_link::Packet{run_, 0, next_picture_, at == 0, video_.samples[at]}));
    }
    for (; time_of_sample((next_sound_ + 1) * 1024) + 60ms <= epoch_.now(); ++next_sound_)
      link_->send(
          packet_link::kPacket,
          encode(packet_link::Packet{run_, 1, next_sound_, false,
                                     sound_.frames[static_cast<std::size_t>(next_sound_) % sound_.frames.size()]}));
    timer_.expires_after(10ms);
    timer_.async_wait([this](ErrorCode cancelled) {
      if (!cancelled) tick();
    });
  }

  Grid grid_ = *Grid::of(25);
  RoomEpoch epoch_;
  const EncodedVideo& video_;
  const EncodedSound& sound_;
  std::uint64_t run_;
  asio::io_context io_{1};
  LinkDialer dialer_;
  SteadyTimer timer_;
  std::shared_ptr<Link> link_;
  PictureIndex next_picture_ = 0;
  PictureIndex first_ = 0;
  SoundIndex next_sound_ = 0;
  std::jthread thread_;
};

} // namespace pult::packager::test
