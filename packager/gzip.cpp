#include "packager/gzip.hpp"

#include <cassert>
#include <libdeflate.h>
#include <memory>

namespace pult::packager {
namespace {

struct CompressorDeleter {
  void operator()(libdeflate_compressor* compressor) const { ::libdeflate_free_compressor(compressor); }
};

} // namespace

Bytes gzip(std::string_view text, int level) {
  const std::unique_ptr<libdeflate_compressor, CompressorDeleter> compressor(::libdeflate_alloc_compressor(level));
  assert(compressor != nullptr); // fails for a wrong level and without memory only
  Bytes packed(::libdeflate_gzip_compress_bound(compressor.get(), text.size()));
  const auto size =
      ::libdeflate_gzip_compress(compressor.get(), text.data(), text.size(), packed.data(), packed.size());
  assert(size > 0);
  packed.resize(size);
  return packed;
}

} // namespace pult::packager
