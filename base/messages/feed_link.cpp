#include "base/messages/feed_link.hpp"

namespace pult::feed_link {

Bytes encode(const Hello& hello) {
  wire::Writer out;
  out.put(hello.version).put_text(hello.feed);
  return std::move(out).take();
}

Bytes encode(const Chunk& chunk) {
  wire::Writer out;
  out.put(static_cast<std::int64_t>(chunk.arrival.count()))
      .put(chunk.connection)
      .put_bool(chunk.replayed)
      .put_tail(chunk.bytes);
  return std::move(out).take();
}

Result<Hello> decode_hello(ByteView payload) {
  wire::Reader in(payload);
  Hello hello;
  hello.version = in.get<std::uint32_t>();
  hello.feed = in.get_text();
  if (!in.done() || hello.version != kVersion) return Error{Errc::kCorrupt, "feed link: hello of another version"};
  return hello;
}

Result<Chunk> decode_chunk(ByteView payload) {
  wire::Reader in(payload);
  Chunk chunk;
  chunk.arrival = Nanoseconds(in.get<std::int64_t>());
  chunk.connection = in.get<std::uint32_t>();
  chunk.replayed = in.get_bool();
  chunk.bytes = in.get_tail();
  if (!in.done() || chunk.bytes.size() > kMaxChunkBytes) return Error{Errc::kCorrupt, "feed link: malformed chunk"};
  return chunk;
}

} // namespace pult::feed_link
