#include "base/messages/packet_link.hpp"

#include "base/wire.hpp"

namespace pult::packet_link {
namespace {

constexpr std::size_t kMaxExtradata = 4096;

Error malformed(const char* what) {
  return {Errc::kCorrupt, std::string("packet link: malformed ") + what};
}

Bytes copy(ByteView view) {
  return {view.begin(), view.end()};
}

Track get_track(wire::Reader& in) {
  Track track;
  const auto kind = in.get<std::uint8_t>();
  if (kind > 1) in.fail();
  track.kind = static_cast<TrackKind>(kind);
  track.name = in.get_text(256);
  track.extradata = copy(in.get_bytes(kMaxExtradata));
  track.width = in.get<std::int32_t>();
  track.height = in.get<std::int32_t>();
  track.silence = copy(in.get_bytes(kMaxExtradata));
  return track;
}

} // namespace

const char* name_of(SlateKind kind) {
  switch (kind) {
  case SlateKind::kStart:
    return "start";
  case SlateKind::kPause:
    return "pause";
  case SlateKind::kFault:
    return "fault";
  case SlateKind::kEnd:
    return "end";
  }
  return "unknown";
}

Bytes encode(const Hello& hello) {
  wire::Writer out;
  out.put(hello.version)
      .put(hello.run)
      .put<std::int32_t>(hello.fps)
      .put(static_cast<std::uint16_t>(hello.tracks.size()));
  for (const auto& track : hello.tracks) {
    out.put(static_cast<std::uint8_t>(track.kind)).put_text(track.name).put_bytes(track.extradata);
    out.put<std::int32_t>(track.width).put<std::int32_t>(track.height).put_bytes(track.silence);
  }
  return std::move(out).take();
}

Bytes encode(const Slate& slate) {
  wire::Writer out;
  out.put(slate.track).put(static_cast<std::uint8_t>(slate.kind)).put_tail(slate.sample);
  return std::move(out).take();
}

Bytes encode(const Packet& packet) {
  wire::Writer out;
  out.put(packet.run).put(packet.track).put(packet.index).put_bool(packet.idr).put_tail(packet.bytes);
  return std::move(out).take();
}

Bytes encode(const IdrAnswer& answer) {
  wire::Writer out;
  out.put(answer.request).put(answer.picture);
  return std::move(out).take();
}

Bytes encode(const Resume& resume) {
  wire::Writer out;
  out.put(resume.run).put(static_cast<std::uint16_t>(resume.next.size()));
  for (const auto next : resume.next)
    out.put(next);
  return std::move(out).take();
}

Bytes encode(const IdrRequest& request) {
  wire::Writer out;
  out.put(request.request);
  return std::move(out).take();
}

Result<Hello> decode_hello(ByteView payload) {
  wire::Reader in(payload);
  Hello hello;
  hello.version = in.get<std::uint32_t>();
  hello.run = in.get<std::uint64_t>();
  hello.fps = in.get<std::int32_t>();
  const auto count = in.get<std::uint16_t>();
  if (!in.ok() || hello.version != kVersion || count > kMaxTracks || !Grid::of(hello.fps)) return malformed("hello");
  for (int i = 0; i < count; ++i)
    hello.tracks.push_back(get_track(in));
  if (!in.done()) return malformed("hello");
  return hello;
}

Result<Slate> decode_slate(ByteView payload) {
  wire::Reader in(payload);
  Slate slate;
  slate.track = in.get<std::uint16_t>();
  const auto kind = in.get<std::uint8_t>();
  slate.sample = copy(in.get_tail());
  if (!in.done() || kind >= kSlateKinds || slate.track >= kMaxTracks) return malformed("slate");
  slate.kind = static_cast<SlateKind>(kind);
  return slate;
}

Result<Packet> decode_packet(ByteView payload) {
  wire::Reader in(payload);
  Packet packet;
  packet.run = in.get<std::uint64_t>();
  packet.track = in.get<std::uint16_t>();
  packet.index = in.get<std::int64_t>();
  packet.idr = in.get_bool();
  packet.bytes = in.get_tail();
  if (!in.done() || packet.track >= kMaxTracks || packet.bytes.empty()) return malformed("packet");
  return packet;
}

Result<IdrAnswer> decode_idr_answer(ByteView payload) {
  wire::Reader in(payload);
  IdrAnswer answer;
  answer.request = in.get<std::uint32_t>();
  answer.picture = in.get<std::int64_t>();
  if (!in.done()) return malformed("IDR answer");
  return answer;
}

Result<Resume> decode_resume(ByteView payload) {
  wire::Reader in(payload);
  Resume resume;
  resume.run = in.get<std::uint64_t>();
  const auto count = in.get<std::uint16_t>();
  if (count > kMaxTracks) return malformed("resume");
  for (int i = 0; i < count; ++i)
    resume.next.push_back(in.get<std::int64_t>());
  if (!in.done()) return malformed("resume");
  return resume;
}

Result<IdrRequest> decode_idr_request(ByteView payload) {
  wire::Reader in(payload);
  IdrRequest request{in.get<std::uint32_t>()};
  if (!in.done()) return malformed("IDR request");
  return request;
}

} // namespace pult::packet_link
