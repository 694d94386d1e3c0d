// A picture in the house format (I420, BT.709, limited range, chroma sited left), shared and never changed once made.
//
// It is a GstBuffer with its strides as a GstVideoMeta, so that a feed's ring slot, a composed picture and an
// encoder's input are the same thing and nothing is copied between them. Copying a HousePicture shares it. Any thread.
#pragma once

#include "transcode/gst_ref.hpp"

#include "base/config.hpp"

#include <cstdint>
#include <gst/video/video.h>
#include <optional>

namespace pult::transcode {

// How GStreamer calls the house format of that size. `fps` 0 for pictures that are never encoded.
GstVideoInfo house_info(PictureSize size, int fps = 0);

class HousePicture {
 public:
  HousePicture() = default;
  HousePicture(BufferRef buffer, PictureSize size);
  [[nodiscard]] GstBuffer* buffer() const { return buffer_.get(); }
  [[nodiscard]] PictureSize size() const { return size_; }
  explicit operator bool() const { return static_cast<bool>(buffer_); }
  // No other picture of this process has it, also none that lies later where this one lay; 0: no picture.
  [[nodiscard]] std::uint64_t id() const { return id_; }
  // The same pixels in memory, not merely equal ones.
  friend bool operator==(const HousePicture& a, const HousePicture& b) { return a.id_ == b.id_; }

 private:
  BufferRef buffer_;
  PictureSize size_;
  std::uint64_t id_ = 0;
};

// A picture's planes mapped, for as long as this lives.
class PictureMap {
 public:
  PictureMap(const HousePicture& picture, GstMapFlags flags);
  PictureMap(const PictureMap&) = delete;
  PictureMap& operator=(const PictureMap&) = delete;
  ~PictureMap();
  [[nodiscard]] bool ok() const { return mapped_; }
  [[nodiscard]] GstVideoFrame* frame() { return &frame_; }
  [[nodiscard]] guint8* plane(int i) { return static_cast<guint8*>(GST_VIDEO_FRAME_PLANE_DATA(&frame_, i)); }
  [[nodiscard]] int stride(int i) const { return GST_VIDEO_FRAME_PLANE_STRIDE(&frame_, i); }
  [[nodiscard]] int width(int i) const { return GST_VIDEO_FRAME_COMP_WIDTH(&frame_, i); }
  [[nodiscard]] int height(int i) const { return GST_VIDEO_FRAME_COMP_HEIGHT(&frame_, i); }

 private:
  GstVideoInfo info_;
  GstVideoFrame frame_{};
  bool mapped_ = false;
};

// Pictures of one size to be drawn on; their memory is used again when the last holder lets go.
class PicturePool {
 public:
  explicit PicturePool(PictureSize size);
  PicturePool(const PicturePool&) = delete;
  PicturePool& operator=(const PicturePool&) = delete;
  ~PicturePool();
  [[nodiscard]] HousePicture take();
  [[nodiscard]] PictureSize size() const { return size_; }

 private:
  PictureSize size_;
  gst::BufferPoolPtr pool_;
};

void fill_black(const HousePicture& picture);
// 0 to 255 at a place; for tests and reports.
int luma_at(const HousePicture& picture, int x, int y);

} // namespace pult::transcode
