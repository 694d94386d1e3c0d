#include "base/messages/picture_link.hpp"

#include "base/wire.hpp"

#include <bit>
#include <cmath>

namespace pult::picture_link {
namespace {

constexpr int kMaxSide = 8192;

Error malformed(const char* what) {
  return {Errc::kCorrupt, std::string("picture link: malformed ") + what};
}

int aligned(int value) {
  return (value + 31) / 32 * 32;
}

bool is_size(int width, int height) {
  return width >= 2 && height >= 2 && width <= kMaxSide && height <= kMaxSide && width % 2 == 0 && height % 2 == 0;
}

} // namespace

HouseLayout HouseLayout::of(int width, int height) {
  HouseLayout layout;
  layout.width = width;
  layout.height = height;
  layout.stride = {aligned(width), aligned(width / 2), aligned(width / 2)};
  const auto luma = static_cast<std::size_t>(layout.stride[0]) * static_cast<std::size_t>(height);
  const auto chroma = static_cast<std::size_t>(layout.stride[1]) * static_cast<std::size_t>(height / 2);
  layout.offset = {0, luma, luma + chroma};
  layout.bytes = luma + 2 * chroma;
  return layout;
}

Bytes encode(const SourceHello& hello) {
  wire::Writer out;
  out.put(hello.version).put_text(hello.feed);
  return std::move(out).take();
}

Bytes encode(const Ring& ring) {
  wire::Writer out;
  out.put<std::int32_t>(ring.slots).put(ring.slot_bytes).put<std::int32_t>(ring.width).put<std::int32_t>(ring.height);
  out.put<std::int32_t>(ring.fps);
  return std::move(out).take();
}

Bytes encode(const Grant& grant) {
  wire::Writer out;
  out.put(grant.slot);
  return std::move(out).take();
}

Bytes encode(const Picture& picture) {
  wire::Writer out;
  out.put(picture.slot).put<std::int32_t>(picture.width).put<std::int32_t>(picture.height);
  out.put(static_cast<std::int64_t>(picture.time.count())).put(picture.feed_epoch);
  return std::move(out).take();
}

Bytes encode(const Sound& sound) {
  wire::Writer out;
  out.put<std::int64_t>(sound.first);
  for (const float value : sound.samples)
    out.put(std::bit_cast<std::uint32_t>(value));
  return std::move(out).take();
}

Result<SourceHello> decode_source_hello(ByteView payload) {
  wire::Reader in(payload);
  SourceHello hello;
  hello.version = in.get<std::uint32_t>();
  hello.feed = in.get_text();
  if (!in.done() || hello.version != kVersion) return malformed("hello");
  return hello;
}

Result<Ring> decode_ring(ByteView payload) {
  wire::Reader in(payload);
  Ring ring;
  ring.slots = in.get<std::int32_t>();
  ring.slot_bytes = in.get<std::uint64_t>();
  ring.width = in.get<std::int32_t>();
  ring.height = in.get<std::int32_t>();
  ring.fps = in.get<std::int32_t>();
  if (!in.done() || ring.slots < 1 || ring.slots > kMostSlots || !is_size(ring.width, ring.height) ||
      !Grid::of(ring.fps))
    return malformed("ring");
  if (ring.slot_bytes < HouseLayout::of(ring.width, ring.height).bytes) return malformed("ring");
  return ring;
}

Result<Grant> decode_grant(ByteView payload, int slots) {
  wire::Reader in(payload);
  Grant grant{in.get<std::uint32_t>()};
  if (!in.done() || grant.slot >= static_cast<std::uint32_t>(slots)) return malformed("grant");
  return grant;
}

Result<Picture> decode_picture(ByteView payload, const Ring& ring) {
  wire::Reader in(payload);
  Picture picture;
  picture.slot = in.get<std::uint32_t>();
  picture.width = in.get<std::int32_t>();
  picture.height = in.get<std::int32_t>();
  picture.time = Nanoseconds(in.get<std::int64_t>());
  picture.feed_epoch = in.get<std::uint32_t>();
  if (!in.done() || picture.slot >= static_cast<std::uint32_t>(ring.slots) || !is_size(picture.width, picture.height))
    return malformed("picture");
  if (picture.width > ring.width || picture.height > ring.height) return malformed("picture");
  return picture;
}

Result<Sound> decode_sound(ByteView payload) {
  wire::Reader in(payload);
  Sound sound;
  sound.first = in.get<std::int64_t>();
  sound.samples.resize(2 * kSoundFrameSamples);
  for (float& value : sound.samples) {
    value = std::bit_cast<float>(in.get<std::uint32_t>());
    if (!std::isfinite(value)) in.fail();
  }
  if (!in.done()) return malformed("sound");
  return sound;
}

} // namespace pult::picture_link
