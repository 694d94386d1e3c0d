// Counted references to GStreamer's media, shared by copying (gst_raii.hpp has the owners of one). Private to
// transcode/. Any thread.
#pragma once

#include "transcode/gst_raii.hpp"

#include <utility>

namespace pult::transcode {

// A counted reference to a GstMiniObject; copying it adds one.
template <typename T>
class GstRef {
 public:
  GstRef() = default;
  static GstRef adopt(T* object) { return GstRef(object); } // takes the caller's reference over
  GstRef(const GstRef& other) : object_(other.object_) {
    if (object_ != nullptr) gst_mini_object_ref(GST_MINI_OBJECT_CAST(object_));
  }
  GstRef(GstRef&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  GstRef& operator=(GstRef other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~GstRef() {
    if (object_ != nullptr) gst_mini_object_unref(GST_MINI_OBJECT_CAST(object_));
  }
  [[nodiscard]] T* get() const { return object_; }
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); } // the caller owns the reference now
  explicit operator bool() const { return object_ != nullptr; }

 private:
  explicit GstRef(T* object) : object_(object) {}
  T* object_ = nullptr;
};

using BufferRef = GstRef<GstBuffer>;
using CapsRef = GstRef<GstCaps>;

// A buffer mapped for reading, for as long as this lives.
class BufferMap {
 public:
  explicit BufferMap(GstBuffer* buffer) : buffer_(buffer) { mapped_ = gst_buffer_map(buffer, &info_, GST_MAP_READ); }
  BufferMap(const BufferMap&) = delete;
  BufferMap& operator=(const BufferMap&) = delete;
  ~BufferMap() {
    if (mapped_) gst_buffer_unmap(buffer_, &info_);
  }
  [[nodiscard]] const guint8* data() const { return mapped_ ? info_.data : nullptr; }
  [[nodiscard]] gsize size() const { return mapped_ ? info_.size : 0; }

 private:
  GstBuffer* buffer_;
  GstMapInfo info_{};
  bool mapped_ = false;
};

} // namespace pult::transcode
