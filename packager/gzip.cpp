#include "packager/gzip.hpp"

#include <cassert>
#include <zlib.h>

namespace pult::packager {
namespace {

constexpr int kGzipWindowBits = 15 + 16; // + 16: a gzip header instead of zlib's
constexpr int kMemoryLevel = 8;

struct Deflate {
  z_stream stream{};
  explicit Deflate(int level) {
    const int begun = ::deflateInit2(&stream, level, Z_DEFLATED, kGzipWindowBits, kMemoryLevel, Z_DEFAULT_STRATEGY);
    assert(begun == Z_OK); // fails for wrong parameters and without memory only
    (void)begun;
  }
  ~Deflate() { ::deflateEnd(&stream); }
  Deflate(const Deflate&) = delete;
  Deflate& operator=(const Deflate&) = delete;
};

} // namespace

Bytes gzip(std::string_view text, int level) {
  Deflate deflate(level);
  Bytes packed(::deflateBound(&deflate.stream, text.size()));
  deflate.stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  deflate.stream.avail_in = static_cast<uInt>(text.size());
  deflate.stream.next_out = packed.data();
  deflate.stream.avail_out = static_cast<uInt>(packed.size());
  const int ended = ::deflate(&deflate.stream, Z_FINISH);
  assert(ended == Z_STREAM_END);
  (void)ended;
  packed.resize(deflate.stream.total_out);
  return packed;
}

} // namespace pult::packager
