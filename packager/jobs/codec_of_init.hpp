// The codec's parameters in an init section, by libavformat. Private to packager/jobs. Any thread.
#pragma once

#include "base/bytes.hpp"
#include "packager/av_raii.hpp"

namespace pult::packager::jobs {

struct AvParametersDeleter {
  void operator()(AVCodecParameters* parameters) const { avcodec_parameters_free(&parameters); }
};
using AvParametersPtr = std::unique_ptr<AVCodecParameters, AvParametersDeleter>;

Result<AvParametersPtr> codec_of_init(ByteView init);

} // namespace pult::packager::jobs
