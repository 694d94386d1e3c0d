// The sound encoder's GStreamer element with a pad on either side, driven by the thread that calls push().
//
// There is no pipeline, no clock and no queue: push() encodes and hands what comes out to `on_packet` before it
// returns, so that a packet is known to belong to what was pushed, and an encoder's thread is our own. One thread.
#pragma once

#include "transcode/gst_ref.hpp"

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <functional>
#include <memory>
#include <string>

namespace pult::transcode {

class EncoderRig {
 public:
  using OnPacket = std::function<void(ByteView)>;
  // Takes the element over and links it; the element's output must fit `out_caps`.
  static Result<std::unique_ptr<EncoderRig>> make(GstElement* element, const char* out_caps, OnPacket on_packet);
  EncoderRig(const EncoderRig&) = delete;
  EncoderRig& operator=(const EncoderRig&) = delete;
  ~EncoderRig();

  // Opens the encoder for that input.
  Result<void> open(const CapsRef& in_caps);
  Result<void> push(BufferRef buffer);
  // codec_data of the output caps; empty when not known yet.
  [[nodiscard]] Bytes codec_data() const;

 private:
  EncoderRig() = default;
  static GstFlowReturn on_chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  static gboolean on_query(GstPad* pad, GstObject* parent, GstQuery* query);

  gst::ElementPtr element_;
  gst::PadPtr in_;  // ours, linked to the element's sink pad
  gst::PadPtr out_; // ours, linked to the element's src pad
  CapsRef out_caps_;
  OnPacket on_packet_;
};

// Reads GStreamer's libav plugin, and no other: the registry of all plugins would cost a start half a second. Any
// thread, at most once.
Result<void> load_libav();
// gst_init without the registry. Once in main, before all else of GStreamer.
Result<void> init_gstreamer();

} // namespace pult::transcode
