#include "transcode/encoder_rig.hpp"

#include <cstdlib>
#include <filesystem>

namespace pult::transcode {
namespace {

EncoderRig* rig_of(GstPad* pad) {
  return static_cast<EncoderRig*>(gst_pad_get_element_private(pad));
}

gst::PadPtr make_pad(const char* name, GstPadDirection direction, EncoderRig* rig) {
  auto* pad = gst_pad_new(name, direction);
  gst_object_ref_sink(pad);
  gst_pad_set_element_private(pad, rig);
  return gst::PadPtr(pad);
}

} // namespace

Result<std::unique_ptr<EncoderRig>> EncoderRig::make(GstElement* element, const char* out_caps, OnPacket on_packet) {
  if (element == nullptr) return Error{Errc::kLibrary, "GStreamer: no such encoder element"};
  std::unique_ptr<EncoderRig> rig(new EncoderRig);
  rig->element_.reset(GST_ELEMENT(gst_object_ref_sink(element)));
  rig->on_packet_ = std::move(on_packet);
  rig->out_caps_ = CapsRef::adopt(gst_caps_from_string(out_caps));
  rig->in_ = make_pad("in", GST_PAD_SRC, rig.get());
  rig->out_ = make_pad("out", GST_PAD_SINK, rig.get());
  gst_pad_set_chain_function(rig->out_.get(), on_chain);
  gst_pad_set_query_function(rig->out_.get(), on_query);
  gst_pad_set_active(rig->in_.get(), TRUE);
  gst_pad_set_active(rig->out_.get(), TRUE);
  const gst::PadPtr element_in(gst_element_get_static_pad(element, "sink"));
  const gst::PadPtr element_out(gst_element_get_static_pad(element, "src"));
  if (gst_pad_link(rig->in_.get(), element_in.get()) != GST_PAD_LINK_OK ||
      gst_pad_link(element_out.get(), rig->out_.get()) != GST_PAD_LINK_OK)
    return Error{Errc::kLibrary, "GStreamer: the encoder does not link"};
  return rig;
}

EncoderRig::~EncoderRig() {
  if (!element_) return;
  gst_element_set_state(element_.get(), GST_STATE_NULL);
  if (in_) gst_pad_set_active(in_.get(), FALSE);
  if (out_) gst_pad_set_active(out_.get(), FALSE);
}

Result<void> EncoderRig::open(const CapsRef& in_caps) {
  if (gst_element_set_state(element_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return Error{Errc::kLibrary, "GStreamer: the encoder does not start"};
  GstSegment segment;
  gst_segment_init(&segment, GST_FORMAT_TIME);
  gst_pad_push_event(in_.get(), gst_event_new_stream_start("pult"));
  if (gst_pad_push_event(in_.get(), gst_event_new_caps(in_caps.get())) == FALSE)
    return Error{Errc::kLibrary, "GStreamer: the encoder refuses its input format"};
  gst_pad_push_event(in_.get(), gst_event_new_segment(&segment));
  return {};
}

Result<void> EncoderRig::push(BufferRef buffer) {
  const auto flow = gst_pad_push(in_.get(), buffer.release());
  if (flow != GST_FLOW_OK) return Error{Errc::kLibrary, std::string("encode: ") + gst_flow_get_name(flow)};
  return {};
}

Bytes EncoderRig::codec_data() const {
  const auto caps = CapsRef::adopt(gst_pad_get_current_caps(out_.get()));
  if (!caps) return {};
  const GValue* value = gst_structure_get_value(gst_caps_get_structure(caps.get(), 0), "codec_data");
  if (value == nullptr) return {};
  const BufferMap map(gst_value_get_buffer(value));
  return {map.data(), map.data() + map.size()};
}

GstFlowReturn EncoderRig::on_chain(GstPad* pad, GstObject*, GstBuffer* buffer) {
  const auto owned = BufferRef::adopt(buffer);
  auto* rig = rig_of(pad);
  const BufferMap map(buffer);
  if (map.data() == nullptr) return GST_FLOW_ERROR;
  rig->on_packet_({map.data(), map.size()});
  return GST_FLOW_OK;
}

gboolean EncoderRig::on_query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS) return gst_pad_query_default(pad, parent, query);
  gst_query_set_caps_result(query, rig_of(pad)->out_caps_.get());
  return TRUE;
}

Result<void> load_libav() {
  const auto path = std::filesystem::path(PULT_GST_PLUGINS) / "libgstlibav.so";
  GError* error = nullptr;
  GstPlugin* plugin = gst_plugin_load_file(path.c_str(), &error);
  if (plugin != nullptr) {
    gst_object_unref(plugin);
    return {};
  }
  const std::string reason = error != nullptr ? error->message : "unknown";
  g_clear_error(&error);
  return Error{Errc::kLibrary, "load " + path.string() + " (Debian package gstreamer1.0-libav): " + reason};
}

Result<void> init_gstreamer() {
  ::setenv("GST_REGISTRY_DISABLE", "yes", 1);
  GError* error = nullptr;
  if (gst_init_check(nullptr, nullptr, &error) != FALSE) return {};
  const std::string reason = error != nullptr ? error->message : "unknown";
  g_clear_error(&error);
  return Error{Errc::kLibrary, "initialise GStreamer: " + reason};
}

} // namespace pult::transcode
