// The crossing transcode → packager: encoded packets by (encoder run, track, index), and back: resume and IDR wishes.
//
// transcode dials `packager.media.sock`, says what it encodes (Hello: run and tracks), and sends its slates as it has
// them. The packager answers with Resume (the next index it needs per track); transcode then sends what it still has
// from there (it keeps 30 s), and goes on live. Both sides speak at any time afterwards. Pictures are AVC samples
// (4-byte NAL lengths, parameter sets only in the extradata), one per index, in order, no B-frames; sound packets are
// raw AAC frames. An encoder run is one life of one set of encoders: P pictures refer only to pictures of the same run.
// Pure; any thread.
#pragma once

#include "base/bytes.hpp"
#include "base/programme_time.hpp"
#include "base/result.hpp"

#include <string>
#include <vector>

namespace pult::packet_link {

inline constexpr std::uint16_t kHello = 1;       // transcode → packager
inline constexpr std::uint16_t kSlate = 2;       // transcode → packager
inline constexpr std::uint16_t kPacket = 3;      // transcode → packager
inline constexpr std::uint16_t kIdrAnswer = 4;   // transcode → packager
inline constexpr std::uint16_t kResume = 16;     // packager → transcode
inline constexpr std::uint16_t kIdrRequest = 17; // packager → transcode

inline constexpr std::uint32_t kVersion = 1;
inline constexpr std::size_t kMaxTracks = 32;

enum class TrackKind : std::uint8_t { kVideo = 0, kSound = 1 };
enum class SlateKind : std::uint8_t { kStart = 0, kPause = 1, kFault = 2, kEnd = 3 };
inline constexpr int kSlateKinds = 4;
const char* name_of(SlateKind kind); // "start", "pause", "fault", "end"

struct Track {
  TrackKind kind = TrackKind::kVideo;
  std::string name; // the rendition's or sound's name in the config
  Bytes extradata;  // video: avcC; sound: AudioSpecificConfig
  int width = 0;    // video
  int height = 0;
  Bytes silence; // sound: the encoder's constant silence packet
};

struct Hello {
  std::uint32_t version = kVersion;
  std::uint64_t run = 0; // rises with every encoder run of the room
  int fps = 25;
  std::vector<Track> tracks; // a packet's track is an index into this list; the order is renditions, then sounds
};

struct Slate {
  std::uint16_t track = 0;
  SlateKind kind = SlateKind::kFault;
  Bytes sample; // one IDR, AVC
};

struct Packet {
  std::uint64_t run = 0;
  std::uint16_t track = 0;
  std::int64_t index = 0; // PictureIndex or SoundIndex
  bool idr = false;
  ByteView bytes; // on decode a view into the payload
};

// "From n on the IDR that you asked for": all video tracks have an IDR at picture n.
struct IdrAnswer {
  std::uint32_t request = 0;
  PictureIndex picture = 0;
};

// What the packager needs next, per track of the Hello, in its order. Empty: only what is new from now on.
struct Resume {
  std::uint64_t run = 0; // of the Hello that is answered
  std::vector<std::int64_t> next;
};

// "An IDR on all rungs, as soon as you can." Answered by IdrAnswer; answered again when asked again.
struct IdrRequest {
  std::uint32_t request = 0;
};

Bytes encode(const Hello&);
Bytes encode(const Slate&);
Bytes encode(const Packet&);
Bytes encode(const IdrAnswer&);
Bytes encode(const Resume&);
Bytes encode(const IdrRequest&);
Result<Hello> decode_hello(ByteView payload);
Result<Slate> decode_slate(ByteView payload);
Result<Packet> decode_packet(ByteView payload);
Result<IdrAnswer> decode_idr_answer(ByteView payload);
Result<Resume> decode_resume(ByteView payload);
Result<IdrRequest> decode_idr_request(ByteView payload);

} // namespace pult::packet_link
