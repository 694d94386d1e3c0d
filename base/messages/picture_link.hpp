// The crossing decode → transcode: pictures through a sealed ring, sound beside them on the same socket and clock.
//
// decode dials `transcode.media.sock` and says which feed it is. The mixer answers with a memfd ring of kRingSlots
// slots of programme size, sealed against shrinking and growing, and grants every slot. decode fills a granted slot,
// sends Picture, and may not touch the slot again until it is granted anew. The mixer copies the header, then checks
// it: a hostile decoder can show a wrong picture, never make the mixer read outside its ring.
//
// House format: I420, BT.709, limited range, chroma sited left (MPEG-2), square pixels, at most programme size, aspect
// kept, not letterboxed, even width and height. Sound: 48 kHz stereo float, 960 samples a frame.
// Times are programme time (since the room's epoch), as the feed clock has them: when the picture is due if the mixer
// had no delay; the mixer adds its one constant delay. Pure; any thread.
#pragma once

#include "base/bytes.hpp"
#include "base/programme_time.hpp"
#include "base/result.hpp"

#include <array>
#include <string>
#include <vector>

namespace pult::picture_link {

inline constexpr std::uint16_t kSourceHello = 1; // decode → transcode
inline constexpr std::uint16_t kRing = 2;        // transcode → decode, with the memfd
inline constexpr std::uint16_t kGrant = 3;       // transcode → decode
inline constexpr std::uint16_t kPicture = 4;     // decode → transcode
inline constexpr std::uint16_t kSound = 5;       // decode → transcode

inline constexpr std::uint32_t kVersion = 1;
inline constexpr int kRingSlots = 12;
inline constexpr int kMostSlots = 400;         // 5 s at 60 a second; the mixer grants what a feed's delay needs
inline constexpr int kSoundFrameSamples = 960; // 20 ms
// A picture may come that long before its time (its feed's sound comes in long packets, and they share one clock), and
// then waits in its slot; the ring needs slots for it.
inline constexpr std::chrono::milliseconds kMostLead{280};

// Where the planes of a house picture lie in its slot. Strides are multiples of 32 bytes.
struct HouseLayout {
  int width = 0;
  int height = 0;
  std::array<int, 3> stride{};
  std::array<std::size_t, 3> offset{};
  std::size_t bytes = 0;
  static HouseLayout of(int width, int height); // width and height even
};

struct SourceHello {
  std::uint32_t version = kVersion;
  std::string feed;
};

struct Ring {
  int slots = kRingSlots;
  std::uint64_t slot_bytes = 0;
  int width = 0; // programme size: the largest picture
  int height = 0;
  int fps = 25;
};

struct Grant {
  std::uint32_t slot = 0;
};

struct Picture {
  std::uint32_t slot = 0;
  int width = 0;
  int height = 0;
  Nanoseconds time{};           // programme time
  std::uint32_t feed_epoch = 0; // changes when the feed's clock was anchored anew
};

struct Sound {
  Sample first = 0;           // programme sample of the first
  std::vector<float> samples; // interleaved stereo, 2 × kSoundFrameSamples
};

Bytes encode(const SourceHello&);
Bytes encode(const Ring&);
Bytes encode(const Grant&);
Bytes encode(const Picture&);
Bytes encode(const Sound&);
Result<SourceHello> decode_source_hello(ByteView payload);
Result<Ring> decode_ring(ByteView payload);
Result<Grant> decode_grant(ByteView payload, int slots);
// Checked against the ring: slot in range, even size, no larger than the programme.
Result<Picture> decode_picture(ByteView payload, const Ring& ring);
Result<Sound> decode_sound(ByteView payload); // non-finite samples are refused

} // namespace pult::picture_link
