// One GStreamer encoder element with a pad on either side, driven by the thread that calls push().
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
  // `running_time` in nanoseconds since the segment that open() sent began; delta: not a key frame.
  using OnPacket = std::function<void(ByteView bytes, GstClockTime running_time, bool delta)>;
  // Takes the element over and links it; the element's output must fit `out_caps`.
  static Result<std::unique_ptr<EncoderRig>> make(GstElement* element, const char* out_caps, OnPacket on_packet);
  EncoderRig(const EncoderRig&) = delete;
  EncoderRig& operator=(const EncoderRig&) = delete;
  ~EncoderRig();

  // Opens the encoder for that input. Some encoders know their codec data now, some with the first packet.
  Result<void> open(const CapsRef& in_caps);
  Result<void> push(BufferRef buffer);
  // The next buffer becomes an IDR.
  void force_key_unit();
  // Hands out what the encoder holds back; nothing may be pushed afterwards.
  void drain();
  // codec_data of the output caps; empty when not known yet.
  [[nodiscard]] Bytes codec_data() const;
  [[nodiscard]] GstElement* element() const { return element_.get(); }

 private:
  EncoderRig() = default;
  static GstFlowReturn on_chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  static gboolean on_event(GstPad* pad, GstObject* parent, GstEvent* event);
  static gboolean on_query(GstPad* pad, GstObject* parent, GstQuery* query);

  gst::ElementPtr element_;
  gst::PadPtr in_;  // ours, linked to the element's sink pad
  gst::PadPtr out_; // ours, linked to the element's src pad
  gst::PadPtr element_out_;
  CapsRef out_caps_;
  GstSegment segment_{}; // of the output
  OnPacket on_packet_;
};

// Reads the plugins that we encode with, and no other: the registry of all plugins would cost a start half a second.
// `what` is "x264" or "libav". Any thread, at most once each.
Result<void> load_plugin(const std::string& what);
// gst_init without the registry. Once in main, before all else of GStreamer.
Result<void> init_gstreamer();

} // namespace pult::transcode
