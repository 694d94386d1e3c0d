#include "transcode/decode/mixer_link.hpp"

#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

namespace pult::transcode::decode {
namespace {

// Pictures are 30 bytes here, so what queues is sound: half a second, then it waits with us, where the oldest can go.
constexpr std::size_t kSocketBytes = 200u << 10;
constexpr Link::Bounds kBounds{4096, 1u << 20};

} // namespace

MixerLink::MixerLink(asio::io_context& io, std::string socket_path, std::string feed)
    : io_(io), feed_(std::move(feed)),
      dialer_(io, std::move(socket_path), kBounds, [this](auto link) { on_link(std::move(link)); }),
      self_(std::make_shared<MixerLink*>(this)) {}

MixerLink::~MixerLink() {
  stop();
}

void MixerLink::stop() {
  *self_ = nullptr;
  dialer_.stop();
  if (const auto link = std::exchange(link_, nullptr)) link->close({Errc::kUnavailable, "the decoder ends"});
  set_ring(nullptr);
}

void MixerLink::on_link(std::shared_ptr<Link> link) {
  link_ = std::move(link);
  link_->start(
      [self = self_](std::uint16_t type, ByteView payload, UniqueFd fd) -> Result<void> {
        return *self != nullptr ? (*self)->on_frame(type, payload, std::move(fd)) : Result<void>{};
      },
      [self = self_](const Error& reason) {
        if (*self != nullptr) (*self)->on_closed(reason);
      });
  link_->send(picture_link::kSourceHello, picture_link::encode(picture_link::SourceHello{.feed = feed_}));
}

void MixerLink::on_closed(const Error& reason) {
  if (ring() != nullptr) spdlog::info("mixer gone: {}", reason.message);
  link_.reset();
  sound_waiting_.clear();
  set_ring(nullptr);
  dialer_.dial();
}

Result<void> MixerLink::on_frame(std::uint16_t type, ByteView payload, UniqueFd fd) {
  if (type == picture_link::kRing) return take_ring(payload, fd);
  if (type != picture_link::kGrant) return Error{Errc::kCorrupt, "mixer: unknown message"};
  const auto current = ring();
  if (!current) return Error{Errc::kCorrupt, "mixer: a grant before the ring"};
  auto grant = picture_link::decode_grant(payload, current->shape().slots);
  if (!grant) return grant.error();
  return current->grant(grant->slot);
}

Result<void> MixerLink::take_ring(ByteView payload, const UniqueFd& fd) {
  auto shape = picture_link::decode_ring(payload);
  if (!shape) return shape.error();
  if (!fd) return Error{Errc::kCorrupt, "mixer: a ring without its memory"};
  auto mapped = PictureRing::map(*shape, fd);
  if (!mapped) {
    spdlog::error("{}", mapped.error().message);
    return mapped.error();
  }
  ++connections_;
  set_ring(std::move(*mapped));
  spdlog::info("mixer: {} slots of {}x{}", shape->slots, shape->width, shape->height);
  return {};
}

std::shared_ptr<PictureRing> MixerLink::ring() const {
  const std::lock_guard lock(mutex_);
  return ring_;
}

void MixerLink::set_ring(std::shared_ptr<PictureRing> ring) {
  const std::lock_guard lock(mutex_);
  ring_.swap(ring); // unmapped, if at all, when the lock is gone
}

void MixerLink::send_picture(std::shared_ptr<PictureRing> ring, const picture_link::Picture& picture) {
  asio::post(io_, [self = self_, ring = std::move(ring), picture] {
    if (*self != nullptr) (*self)->pass_picture(ring, picture);
  });
}

void MixerLink::pass_picture(const std::shared_ptr<PictureRing>& ring, const picture_link::Picture& picture) {
  if (!link_ || ring != ring_) return; // the slot went with its ring
  if (!link_->send(picture_link::kPicture, picture_link::encode(picture))) ring->give_back(picture.slot);
}

void MixerLink::send_sound(Sample first, std::span<const float> interleaved) {
  auto frame = share(
      picture_link::encode(picture_link::Sound{first, std::vector<float>(interleaved.begin(), interleaved.end())}));
  asio::post(io_, [self = self_, frame = std::move(frame)]() mutable {
    if (*self != nullptr) (*self)->pass_sound(std::move(frame));
  });
}

void MixerLink::pass_sound(SharedBytes frame) {
  if (!link_ || !ring_) {
    ++sound_dropped_;
    return;
  }
  sound_waiting_.push_back(std::move(frame));
  while (!sound_waiting_.empty() && link_->queued_bytes() < kSocketBytes &&
         link_->send({picture_link::kSound, sound_waiting_.front()}))
    sound_waiting_.pop_front();
  for (; sound_waiting_.size() > kMostSoundWaiting; ++sound_dropped_)
    sound_waiting_.pop_front();
}

} // namespace pult::transcode::decode
