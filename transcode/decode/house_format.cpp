#include "transcode/decode/house_format.hpp"

#include "base/messages/picture_link.hpp"
#include "transcode/gst_raii.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

namespace pult::transcode::decode {
namespace {

using picture_link::HouseLayout;

int even(double value) {
  return std::max(2, static_cast<int>(std::lround(value / 2)) * 2);
}

// The matrix decides how the planes are read; primaries and transfer of 601 and 709 hardly differ and are left alone.
bool is_house_colour(const GstVideoColorimetry& colour) {
  return colour.range == GST_VIDEO_COLOR_RANGE_16_235 &&
         (colour.matrix == GST_VIDEO_COLOR_MATRIX_BT709 || colour.matrix == GST_VIDEO_COLOR_MATRIX_UNKNOWN);
}

void lay_out(GstVideoInfo& info, const HouseLayout& layout) {
  for (std::size_t plane = 0; plane < 3; ++plane) {
    info.stride[plane] = layout.stride[plane];
    info.offset[plane] = layout.offset[plane];
  }
  info.size = layout.bytes;
}

void copy_plane(const GstVideoFrame& from, std::uint8_t* to, int to_stride, int plane, int width, int height) {
  const auto* source = static_cast<const std::uint8_t*>(GST_VIDEO_FRAME_PLANE_DATA(&from, plane));
  const int source_stride = GST_VIDEO_FRAME_PLANE_STRIDE(&from, plane);
  if (source_stride == to_stride) {
    std::memcpy(to, source,
                static_cast<std::size_t>(to_stride) * static_cast<std::size_t>(height - 1) +
                    static_cast<std::size_t>(width));
    return;
  }
  for (int row = 0; row < height; ++row, source += source_stride, to += to_stride)
    std::memcpy(to, source, static_cast<std::size_t>(width));
}

void copy_picture(const GstVideoFrame& from, const HouseLayout& layout, std::span<std::uint8_t> slot) {
  for (int plane = 0; plane < 3; ++plane) {
    const auto p = static_cast<std::size_t>(plane);
    const int half = plane == 0 ? 1 : 2;
    copy_plane(from, slot.data() + layout.offset[p], layout.stride[p], plane, layout.width / half,
               layout.height / half);
  }
}

// Full range into limited, in place. By hand, because GstVideoConverter 1.22 takes a fast path for equal formats and
// matrices that forgets the range.
void limit_plane(std::uint8_t* plane, int stride, int width, int height, const std::array<std::uint8_t, 256>& table) {
  for (int row = 0; row < height; ++row, plane += stride)
    for (int column = 0; column < width; ++column)
      plane[column] = table[plane[column]];
}

std::array<std::uint8_t, 256> range_table(int zero_in, int zero_out, double scale) {
  std::array<std::uint8_t, 256> table{};
  for (int value = 0; value < 256; ++value)
    table[static_cast<std::size_t>(value)] =
        static_cast<std::uint8_t>(std::lround(zero_out + (value - zero_in) * scale));
  return table;
}

void limit_range(const HouseLayout& layout, std::span<std::uint8_t> slot) {
  static const auto luma = range_table(0, 16, 219.0 / 255);
  static const auto chroma = range_table(128, 128, 224.0 / 255);
  limit_plane(slot.data(), layout.stride[0], layout.width, layout.height, luma);
  for (std::size_t plane = 1; plane < 3; ++plane)
    limit_plane(slot.data() + layout.offset[plane], layout.stride[plane], layout.width / 2, layout.height / 2, chroma);
}

class MappedFrame {
 public:
  MappedFrame(const GstVideoInfo& info, GstBuffer* buffer, GstMapFlags flags)
      : mapped_(gst_video_frame_map(&frame_, &info, buffer, flags) != FALSE) {}
  ~MappedFrame() {
    if (mapped_) gst_video_frame_unmap(&frame_);
  }
  MappedFrame(const MappedFrame&) = delete;
  MappedFrame& operator=(const MappedFrame&) = delete;
  [[nodiscard]] bool ok() const { return mapped_; }
  [[nodiscard]] GstVideoFrame* get() { return &frame_; }

 private:
  GstVideoFrame frame_{};
  bool mapped_;
};

} // namespace

PictureSize house_size(PictureSize coded, int par_n, int par_d, PictureSize programme) {
  // Beyond 16:1 it is a broken header, not a lens.
  const double par = par_n > 0 && par_d > 0 ? std::clamp(static_cast<double>(par_n) / par_d, 1.0 / 16, 16.0) : 1.0;
  const double width = coded.width * par;
  const double height = coded.height;
  const double scale = std::min({1.0, programme.width / width, programme.height / height});
  // An odd size that needs no scaling loses its last column or row rather than being resampled.
  if (scale >= 1.0 && par == 1.0) return {std::max(2, coded.width & ~1), std::max(2, coded.height & ~1)};
  return {std::min(programme.width & ~1, even(width * scale)), std::min(programme.height & ~1, even(height * scale))};
}

Result<void> HousePainter::prepare(const GstVideoInfo& info, PictureSize programme) {
  if (prepared_ && programme == programme_ && gst_video_info_is_equal(&info, &input_) != FALSE) return {};
  prepared_ = false;
  converter_.reset();
  const PictureSize coded{GST_VIDEO_INFO_WIDTH(&info), GST_VIDEO_INFO_HEIGHT(&info)};
  if (coded.width < 2 || coded.height < 2) return Error{Errc::kCorrupt, "picture smaller than two pixels"};
  size_ = house_size(coded, GST_VIDEO_INFO_PAR_N(&info), GST_VIDEO_INFO_PAR_D(&info), programme);
  gst_video_info_set_format(&output_, GST_VIDEO_FORMAT_I420, static_cast<guint>(size_.width),
                            static_cast<guint>(size_.height));
  gst_video_colorimetry_from_string(&output_.colorimetry, GST_VIDEO_COLORIMETRY_BT709);
  output_.colorimetry.range = info.colorimetry.range; // see limit_range
  output_.chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
  lay_out(output_, HouseLayout::of(size_.width, size_.height));
  const bool same_size = size_.width == (coded.width & ~1) && size_.height == (coded.height & ~1);
  const bool plain =
      same_size && GST_VIDEO_INFO_FORMAT(&info) == GST_VIDEO_FORMAT_I420 && is_house_colour(info.colorimetry);
  if (!plain) {
    // Interlacing was dealt with upstream; here every picture is a whole one.
    GstVideoInfo input = info;
    input.interlace_mode = GST_VIDEO_INTERLACE_MODE_PROGRESSIVE;
    input.fps_n = output_.fps_n;
    input.fps_d = output_.fps_d;
    auto* options = gst_structure_new("house", GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD,
                                      GST_TYPE_VIDEO_RESAMPLER_METHOD, GST_VIDEO_RESAMPLER_METHOD_LINEAR, nullptr);
    converter_.reset(gst_video_converter_new(&input, &output_, options));
    if (!converter_)
      return Error{Errc::kLibrary,
                   std::string("no conversion from ") + gst_video_format_to_string(GST_VIDEO_INFO_FORMAT(&info))};
  }
  input_ = info;
  programme_ = programme;
  prepared_ = true;
  return {};
}

Result<PictureSize> HousePainter::paint(GstBuffer* buffer, const GstVideoInfo& info, PictureSize programme,
                                        std::span<std::uint8_t> slot) {
  if (auto prepared = prepare(info, programme); !prepared) return prepared.error();
  const auto layout = HouseLayout::of(size_.width, size_.height);
  if (layout.bytes > slot.size()) return Error{Errc::kLimit, "picture larger than its slot"};
  MappedFrame from(info, buffer, GST_MAP_READ);
  if (!from.ok()) return Error{Errc::kLibrary, "decoded picture cannot be read"};
  if (!converter_) {
    copy_picture(*from.get(), layout, slot);
    return size_;
  }
  const gst::BufferPtr target(gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_NO_SHARE, slot.data(), layout.bytes, 0,
                                                          layout.bytes, nullptr, nullptr));
  gst_buffer_add_video_meta_full(target.get(), GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420,
                                 static_cast<guint>(size_.width), static_cast<guint>(size_.height), 3, output_.offset,
                                 output_.stride);
  MappedFrame to(output_, target.get(), GST_MAP_WRITE);
  if (!to.ok()) return Error{Errc::kLibrary, "slot cannot be written"};
  gst_video_converter_frame(converter_.get(), from.get(), to.get());
  if (info.colorimetry.range == GST_VIDEO_COLOR_RANGE_0_255) limit_range(layout, slot);
  ++converted_;
  return size_;
}

} // namespace pult::transcode::decode
