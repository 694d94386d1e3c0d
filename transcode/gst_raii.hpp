// Owners of GStreamer's C handles: one small type each, so that no path forgets an unref. Private to transcode/.
//
// Every owner takes over a full reference ("transfer full" in the manuals). Any thread, one owner.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <string>

namespace pult::gst {

struct Unref {
  void operator()(GstObject* object) const { gst_object_unref(object); }
  void operator()(GstElement* element) const { gst_object_unref(element); }
  void operator()(GstPad* pad) const { gst_object_unref(pad); }
  void operator()(GstBus* bus) const { gst_object_unref(bus); }
  void operator()(GstClock* clock) const { gst_object_unref(clock); }
  void operator()(GstBufferPool* pool) const { gst_object_unref(pool); }
  void operator()(GstBuffer* buffer) const { gst_buffer_unref(buffer); }
  void operator()(GstCaps* caps) const { gst_caps_unref(caps); }
  void operator()(GstSample* sample) const { gst_sample_unref(sample); }
  void operator()(GstMessage* message) const { gst_message_unref(message); }
  void operator()(GstEvent* event) const { gst_event_unref(event); }
};

template <typename T>
using Owned = std::unique_ptr<T, Unref>;

using ElementPtr = Owned<GstElement>;
using PadPtr = Owned<GstPad>;
using BusPtr = Owned<GstBus>;
using ClockPtr = Owned<GstClock>;
using BufferPoolPtr = Owned<GstBufferPool>;
using BufferPtr = Owned<GstBuffer>;
using CapsPtr = Owned<GstCaps>;
using SamplePtr = Owned<GstSample>;

// A pipeline that is stopped (its threads joined) before it is released.
struct StopAndUnref {
  void operator()(GstElement* pipeline) const {
    gst_element_set_state(pipeline, GST_STATE_NULL);
    gst_object_unref(pipeline);
  }
};
using PipelinePtr = std::unique_ptr<GstElement, StopAndUnref>;

// A string that GLib allocated.
inline std::string take_text(gchar* text) {
  std::string copy = text != nullptr ? text : "";
  g_free(text);
  return copy;
}

// What an error message says, in one line: "h264parse0: No valid frames found before end of stream".
inline std::string error_text(GstMessage* message) {
  GError* error = nullptr;
  gst_message_parse_error(message, &error, nullptr);
  std::string text = take_text(gst_object_get_name(GST_MESSAGE_SRC(message)));
  text += ": ";
  text += error != nullptr ? error->message : "unknown error";
  g_clear_error(&error);
  return text;
}

} // namespace pult::gst
