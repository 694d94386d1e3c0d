#include "transcode/house_picture.hpp"

#include <atomic>
#include <cstring>
#include <gst/video/gstvideometa.h>
#include <gst/video/gstvideopool.h>

namespace pult::transcode {

GstVideoInfo house_info(PictureSize size, int fps) {
  GstVideoInfo info;
  gst_video_info_set_format(&info, GST_VIDEO_FORMAT_I420, static_cast<guint>(size.width),
                            static_cast<guint>(size.height));
  info.fps_n = fps;
  info.fps_d = 1;
  info.chroma_site = GST_VIDEO_CHROMA_SITE_MPEG2;
  gst_video_colorimetry_from_string(&info.colorimetry, GST_VIDEO_COLORIMETRY_BT709);
  return info;
}

HousePicture::HousePicture(BufferRef buffer, PictureSize size) : buffer_(std::move(buffer)), size_(size) {
  static std::atomic<std::uint64_t> last = 0;
  if (buffer_) id_ = ++last;
}

PictureMap::PictureMap(const HousePicture& picture, GstMapFlags flags) : info_(house_info(picture.size())) {
  mapped_ = gst_video_frame_map(&frame_, &info_, picture.buffer(),
                                static_cast<GstMapFlags>(int{flags} | int{GST_VIDEO_FRAME_MAP_FLAG_NO_REF})) != FALSE;
}

PictureMap::~PictureMap() {
  if (mapped_) gst_video_frame_unmap(&frame_);
}

namespace {

// Rows begin at multiples of 32 bytes, as in a feed's ring: what scales and encodes likes it, and what writes whole
// vectors never leaves its row.
constexpr guint kStrideMask = 31;

void align_rows(GstStructure* config) {
  GstVideoAlignment alignment;
  gst_video_alignment_reset(&alignment);
  for (auto& mask : alignment.stride_align)
    mask = kStrideMask;
  gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_ALIGNMENT);
  gst_buffer_pool_config_set_video_alignment(config, &alignment);
}

} // namespace

PicturePool::PicturePool(PictureSize size) : size_(size), pool_(gst_video_buffer_pool_new()) {
  gst_object_ref_sink(pool_.get());
  const auto info = house_info(size);
  const auto caps = CapsRef::adopt(gst_video_info_to_caps(&info));
  GstStructure* config = gst_buffer_pool_get_config(pool_.get());
  gst_buffer_pool_config_set_params(config, caps.get(), static_cast<guint>(info.size), 0, 0);
  gst_buffer_pool_config_add_option(config, GST_BUFFER_POOL_OPTION_VIDEO_META);
  align_rows(config);
  gst_buffer_pool_set_config(pool_.get(), config);
  gst_buffer_pool_set_active(pool_.get(), TRUE);
}

PicturePool::~PicturePool() {
  gst_buffer_pool_set_active(pool_.get(), FALSE);
}

HousePicture PicturePool::take() {
  GstBuffer* buffer = nullptr;
  if (gst_buffer_pool_acquire_buffer(pool_.get(), &buffer, nullptr) != GST_FLOW_OK) return {};
  return {BufferRef::adopt(buffer), size_};
}

void fill_black(const HousePicture& picture) {
  PictureMap map(picture, GST_MAP_WRITE);
  if (!map.ok()) return;
  for (int plane = 0; plane < 3; ++plane)
    for (int row = 0; row < map.height(plane); ++row)
      std::memset(map.plane(plane) + static_cast<std::ptrdiff_t>(row) * map.stride(plane), plane == 0 ? 16 : 128,
                  static_cast<std::size_t>(map.width(plane)));
}

int luma_at(const HousePicture& picture, int x, int y) {
  PictureMap map(picture, GST_MAP_READ);
  return map.ok() ? map.plane(0)[static_cast<std::ptrdiff_t>(y) * map.stride(0) + x] : -1;
}

} // namespace pult::transcode
