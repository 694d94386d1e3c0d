#include "transcode/decode/decode_pipeline.hpp"

#include "transcode/decode/coded_unit.hpp"
#include "transcode/decode/stereo.hpp"

#include <gst/base/gstbaseparse.h>
#include <gst/pbutils/pbutils.h>
#include <gst/video/gstvideometa.h>

#include <algorithm>
#include <string_view>

namespace pult::transcode::decode {
namespace {

// What stands between a pad of tsdemux and its sink; the first that matches. An element that is not installed makes
// the codec unsupported, in plain words.
struct Recipe {
  std::string_view caps;
  std::string_view codec;
  PictureCodec picture_codec;
  std::vector<std::string> elements;
};

const std::vector<Recipe>& picture_recipes() {
  static const std::vector<Recipe> recipes = {
      {"video/x-h264", "H.264", PictureCodec::kH264, {"h264parse", "avdec_h264"}},
      {"video/x-h265", "H.265", PictureCodec::kH265, {"h265parse", "avdec_h265"}},
      {"video/mpeg,mpegversion={1,2}", "MPEG-2", PictureCodec::kOther, {"mpegvideoparse", "avdec_mpeg2video"}},
  };
  return recipes;
}

const std::vector<Recipe>& sound_recipes() {
  static const std::vector<Recipe> recipes = {
      {"audio/mpeg,mpegversion={2,4},stream-format=adts", "AAC", PictureCodec::kOther, {"aacparse", "avdec_aac"}},
      {"audio/mpeg,mpegversion={2,4},stream-format=loas",
       "AAC-LATM",
       PictureCodec::kOther,
       {"aacparse", "avdec_aac_latm"}},
      {"audio/mpeg,mpegversion=1", "MPEG audio", PictureCodec::kOther, {"mpegaudioparse", "mpg123audiodec"}},
      {"audio/x-ac3", "AC-3", PictureCodec::kOther, {"ac3parse", "avdec_ac3"}},
      {"audio/x-eac3", "E-AC-3", PictureCodec::kOther, {"ac3parse", "avdec_eac3"}},
      {"audio/x-opus", "Opus", PictureCodec::kOther, {"opusparse", "opusdec"}},
  };
  return recipes;
}

// Interlaced pictures that deinterlace does not know, as all of 10 bits, it would let pass as they are.
constexpr auto kBeforeDeinterlace = "video/x-raw,interlace-mode=progressive;"
                                    "video/x-raw,format={I420,YV12,Y42B,Y444,Y41B,NV12,NV21,YUY2,UYVY}";

constexpr int kOddUnits = 3; // in a row: lost packets make one now and then

const Recipe* find_recipe(const std::vector<Recipe>& recipes, const GstCaps* caps) {
  for (const auto& recipe : recipes) {
    const gst::CapsPtr pattern(gst_caps_from_string(std::string(recipe.caps).c_str()));
    if (gst_caps_can_intersect(caps, pattern.get()) != FALSE) return &recipe;
  }
  return nullptr;
}

// "MPEG-4 Video", for who reads that it is unsupported.
std::string codec_in_words(GstCaps* caps) {
  const auto words = gst::take_text(gst_pb_utils_get_codec_description(caps));
  return words.empty() ? gst::take_text(gst_caps_to_string(caps)) : words;
}

bool has_property(GstElement* element, const char* name) {
  return g_object_class_find_property(G_OBJECT_GET_CLASS(element), name) != nullptr;
}

// One thread and no damaged pictures: frame threads would hold one picture each, and of a damaged picture the still
// one before it is the better sight.
void set_up(GstElement* element) {
  if (has_property(element, "caps")) {
    const gst::CapsPtr caps(gst_caps_from_string(kBeforeDeinterlace));
    g_object_set(element, "caps", caps.get(), nullptr);
  }
  if (has_property(element, "max-threads")) g_object_set(element, "max-threads", 1, nullptr);
  if (has_property(element, "output-corrupt")) g_object_set(element, "output-corrupt", FALSE, nullptr);
  if (has_property(element, "qos")) g_object_set(element, "qos", FALSE, nullptr);
}

// aacparse waits for as many bytes as the longest frame that it met before it looks at what it has, and a frame of
// silence has ten: half a second of them would be held, and what is loud behind them would come too late.
constexpr guint kAdtsHead = 7;

void look_at_each_frame(GstElement* parser) {
  gst_base_parse_set_min_frame_size(GST_BASE_PARSE(parser), kAdtsHead);
}

GstPadProbeReturn declare_whole_pictures(GstPad*, GstPadProbeInfo* info, gpointer) {
  auto* event = GST_PAD_PROBE_INFO_EVENT(info);
  if (GST_EVENT_TYPE(event) != GST_EVENT_CAPS) return GST_PAD_PROBE_OK;
  GstCaps* caps = nullptr;
  gst_event_parse_caps(event, &caps);
  const gst::CapsPtr whole(gst_caps_copy(caps));
  gst_caps_set_simple(whole.get(), "alignment", G_TYPE_STRING, "au", nullptr);
  gst_event_unref(event);
  GST_PAD_PROBE_INFO_DATA(info) = gst_event_new_caps(whole.get());
  return GST_PAD_PROBE_OK;
}

// Without GstVideoMeta the decoder would copy each picture out of its padded frame.
GstPadProbeReturn allow_padded_frames(GstPad*, GstPadProbeInfo* info, gpointer) {
  auto* query = GST_PAD_PROBE_INFO_QUERY(info);
  if (GST_QUERY_TYPE(query) != GST_QUERY_ALLOCATION) return GST_PAD_PROBE_OK;
  gst_query_add_allocation_meta(query, GST_VIDEO_META_API_TYPE, nullptr);
  return GST_PAD_PROBE_HANDLED;
}

Nanoseconds nanoseconds(GstClockTime time) {
  return Nanoseconds(static_cast<std::int64_t>(time));
}

} // namespace

struct DecodePipeline::Branch {
  DecodePipeline* owner = nullptr;
  Track track = Track::kPicture;
  PictureCodec codec = PictureCodec::kOther;
  int odd_units = 0; // in a row
  gst::CapsPtr caps; // that `info` was read from
  GstVideoInfo info{};
  GstElement* aac_parser = nullptr; // the pipeline's
  StereoMap stereo;
  std::vector<float> mixed; // its room
};

DecodePipeline::DecodePipeline(Options options, Sinks sinks)
    : options_(options), sinks_(std::move(sinks)),
      arrival_caps_(gst_caps_new_empty_simple("timestamp/x-pult-arrival")) {}

DecodePipeline::~DecodePipeline() {
  stopping_ = true;
  if (!pipeline_) return;
  gst_element_set_state(pipeline_.get(), GST_STATE_NULL);
  const gst::BusPtr bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(bus.get(), nullptr, nullptr, nullptr);
}

Result<std::unique_ptr<DecodePipeline>> DecodePipeline::start(Options options, Sinks sinks) {
  std::unique_ptr<DecodePipeline> pipeline(new DecodePipeline(options, std::move(sinks)));
  if (auto built = pipeline->build(); !built) return built.error();
  return pipeline;
}

Result<void> DecodePipeline::build() {
  source_.reset(gst_element_factory_make("appsrc", nullptr));
  demuxer_.reset(gst_element_factory_make("tsdemux", nullptr));
  if (!source_ || !demuxer_) return Error{Errc::kLibrary, "GStreamer has no tsdemux: install gstreamer1.0-plugins-bad"};
  gst_object_ref_sink(source_.get());
  gst_object_ref_sink(demuxer_.get());
  const gst::CapsPtr caps(gst_caps_from_string("video/mpegts,systemstream=true,packetsize=188"));
  g_object_set(source_.get(), "format", GST_FORMAT_BYTES, "caps", caps.get(), "max-bytes",
               static_cast<guint64>(kMaxBacklogBytes), nullptr);
  pipeline_.reset(gst_pipeline_new(nullptr));
  gst_bin_add_many(GST_BIN(pipeline_.get()), source_.get(), demuxer_.get(), nullptr);
  gst_element_link(source_.get(), demuxer_.get());

  const gst::PadPtr sink(gst_element_get_static_pad(demuxer_.get(), "sink"));
  gst_pad_add_probe(
      sink.get(), GST_PAD_PROBE_TYPE_BUFFER,
      [](GstPad*, GstPadProbeInfo* info, gpointer self) {
        static_cast<DecodePipeline*>(self)->on_chunk(GST_PAD_PROBE_INFO_BUFFER(info));
        return GST_PAD_PROBE_OK;
      },
      this, nullptr);
  g_signal_connect(demuxer_.get(), "pad-added", G_CALLBACK(+[](GstElement*, GstPad* pad, gpointer self) {
                     static_cast<DecodePipeline*>(self)->add_branch(pad);
                   }),
                   this);
  const gst::BusPtr bus(gst_element_get_bus(pipeline_.get()));
  gst_bus_set_sync_handler(
      bus.get(),
      [](GstBus*, GstMessage* message, gpointer self) {
        if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR)
          static_cast<DecodePipeline*>(self)->fail(Failure::kError, gst::error_text(message));
        gst_message_unref(message);
        return GST_BUS_DROP;
      },
      this, nullptr);
  if (gst_element_set_state(pipeline_.get(), GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    return Error{Errc::kLibrary, "the decoding pipeline does not start"};
  return {};
}

bool DecodePipeline::push(Nanoseconds arrival, ByteView bytes) {
  auto* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
  gst_buffer_add_reference_timestamp_meta(buffer, arrival_caps_.get(), static_cast<GstClockTime>(arrival.count()),
                                          GST_CLOCK_TIME_NONE);
  if (gst_app_src_push_buffer(GST_APP_SRC(source_.get()), buffer) != GST_FLOW_OK) return false;
  ++pushed_;
  waiting_.push_back(arrival);
  return true;
}

std::optional<Nanoseconds> DecodePipeline::oldest_waiting() {
  while (waiting_.size() > pushed_ - consumed())
    waiting_.pop_front();
  return waiting_.empty() ? std::nullopt : std::optional(waiting_.front());
}

std::size_t DecodePipeline::backlog_bytes() const {
  return gst_app_src_get_current_level_bytes(GST_APP_SRC(source_.get()));
}

void DecodePipeline::fail(Failure failure, const std::string& reason) {
  if (stopping_ || failed_.exchange(true)) return;
  sinks_.failed(failure, reason);
}

void DecodePipeline::add_branch(GstPad* pad) {
  const gst::CapsPtr caps(gst_pad_get_current_caps(pad));
  const std::string name = gst::take_text(gst_pad_get_name(pad));
  const bool is_picture = name.starts_with("video");
  if (!caps || (!is_picture && !name.starts_with("audio"))) return ignore(pad);
  const auto track = is_picture ? Track::kPicture : Track::kSound;
  for (const auto& branch : branches_) // the first of each kind
    if (branch->track == track) return ignore(pad);

  const auto* recipe = find_recipe(is_picture ? picture_recipes() : sound_recipes(), caps.get());
  const std::string codec = recipe != nullptr ? std::string(recipe->codec) : codec_in_words(caps.get());
  auto branch = std::make_unique<Branch>();
  branch->owner = this;
  branch->track = track;
  Result<void> built = Error{Errc::kLibrary, "unsupported"};
  if (recipe != nullptr) {
    branch->codec = recipe->picture_codec;
    auto elements = recipe->elements;
    if (is_picture) // all three let progressive pictures pass
      elements.insert(elements.end(), {"videoconvert", "capsfilter", "deinterlace"});
    else
      elements.insert(elements.end(), {"audioconvert", "audioresample"});
    built = build_branch(*branch, pad, elements);
  }
  if (built) branches_.push_back(std::move(branch));
  if (!built) ignore(pad);
  sinks_.found(track, codec, built.ok());
}

Result<void> DecodePipeline::build_branch(Branch& branch, GstPad* pad, const std::vector<std::string>& names) {
  std::vector<gst::ElementPtr> elements;
  for (const auto& name : names) {
    auto* element = gst_element_factory_make(name.c_str(), nullptr);
    if (element == nullptr) return Error{Errc::kLibrary, "GStreamer has no " + name};
    elements.emplace_back(GST_ELEMENT(gst_object_ref_sink(element)));
    set_up(element);
    if (name == "aacparse") branch.aac_parser = element;
  }
  if (branch.track == Track::kPicture) {
    gst_util_set_object_arg(G_OBJECT(elements.back().get()), "fields", options_.both_fields ? "all" : "top");
    // Motion adaptive: what stands still keeps all its lines. See README.md for what it costs and gives.
    gst_util_set_object_arg(G_OBJECT(elements.back().get()), "method", "greedyl");
  }
  for (std::size_t i = 0; i < elements.size(); ++i) {
    gst_bin_add(GST_BIN(pipeline_.get()), elements[i].get());
    if (i > 0) gst_element_link(elements[i - 1].get(), elements[i].get());
  }
  add_sink(branch, elements.back().get());
  for (auto element = elements.rbegin(); element != elements.rend(); ++element)
    gst_element_sync_state_with_parent(element->get());

  const gst::PadPtr head(gst_element_get_static_pad(elements.front().get(), "sink"));
  if (options_.whole_pictures && branch.codec != PictureCodec::kOther)
    gst_pad_add_probe(head.get(), GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM, declare_whole_pictures, nullptr, nullptr);
  gst_pad_add_probe(
      pad, static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM),
      [](GstPad*, GstPadProbeInfo* info, gpointer data) {
        auto* self = static_cast<Branch*>(data);
        if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER) != 0)
          self->owner->on_unit(*self, GST_PAD_PROBE_INFO_BUFFER(info));
        else if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_EOS)
          self->owner->fail(Failure::kProgrammeChanged, "the programme map changed");
        return GST_PAD_PROBE_OK;
      },
      &branch, nullptr);
  if (gst_pad_link(pad, head.get()) != GST_PAD_LINK_OK) return Error{Errc::kLibrary, "pads do not fit"};
  return {};
}

void DecodePipeline::add_sink(Branch& branch, GstElement* last) {
  auto* sink = gst_element_factory_make("appsink", nullptr);
  g_object_set(sink, "sync", FALSE, "async", FALSE, "qos", FALSE, "enable-last-sample", FALSE, "max-buffers", 2u,
               nullptr);
  const gst::CapsPtr caps(gst_caps_from_string(
      branch.track == Track::kPicture ? "video/x-raw"
                                      : "audio/x-raw,format=F32LE,rate=48000,layout=interleaved,channels=[1,8]"));
  gst_app_sink_set_caps(GST_APP_SINK(sink), caps.get());
  GstAppSinkCallbacks callbacks{};
  callbacks.new_sample = [](GstAppSink* from, gpointer data) {
    auto* self = static_cast<Branch*>(data);
    const gst::SamplePtr sample(gst_app_sink_pull_sample(from));
    if (sample && !self->owner->stopping_) self->owner->on_sample(*self, sample.get());
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(GST_APP_SINK(sink), &callbacks, &branch, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), sink);
  gst_element_link(last, sink);
  if (branch.track == Track::kPicture) {
    const gst::PadPtr pad(gst_element_get_static_pad(sink, "sink"));
    gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_QUERY_DOWNSTREAM, allow_padded_frames, nullptr, nullptr);
  }
  gst_element_sync_state_with_parent(sink);
}

// tsdemux stops when none of its pads is linked.
void DecodePipeline::ignore(GstPad* pad) {
  auto* sink = gst_element_factory_make("fakesink", nullptr);
  g_object_set(sink, "sync", FALSE, "async", FALSE, nullptr);
  gst_bin_add(GST_BIN(pipeline_.get()), sink);
  gst_element_sync_state_with_parent(sink);
  const gst::PadPtr head(gst_element_get_static_pad(sink, "sink"));
  gst_pad_link(pad, head.get());
}

void DecodePipeline::on_chunk(GstBuffer* buffer) {
  const auto* meta = gst_buffer_get_reference_timestamp_meta(buffer, arrival_caps_.get());
  if (meta != nullptr) arrival_ = nanoseconds(meta->timestamp);
  consumed_.fetch_add(1, std::memory_order_relaxed);
}

void DecodePipeline::on_unit(Branch& branch, GstBuffer* buffer) {
  if (options_.whole_pictures && branch.codec != PictureCodec::kOther) {
    GstMapInfo map;
    if (gst_buffer_map(buffer, &map, GST_MAP_READ) != FALSE) {
      branch.odd_units = count_pictures(branch.codec, {map.data, map.size}) == 1 ? 0 : branch.odd_units + 1;
      gst_buffer_unmap(buffer, &map);
    }
    if (branch.odd_units == kOddUnits) fail(Failure::kBundled, "packets hold more or less than one picture");
  }
  if (branch.aac_parser != nullptr) look_at_each_frame(branch.aac_parser); // it asks for more itself where it must
  const auto pts = GST_BUFFER_PTS(buffer);
  if (!GST_CLOCK_TIME_IS_VALID(pts)) return;
  // A DTS above its PTS is a sender's mistake: it would make the picture due before it could be there.
  const auto dts = GST_CLOCK_TIME_IS_VALID(GST_BUFFER_DTS(buffer)) ? std::min(GST_BUFFER_DTS(buffer), pts) : pts;
  sinks_.demuxed(branch.track, arrival_, nanoseconds(dts), nanoseconds(pts));
}

void DecodePipeline::on_sample(Branch& branch, GstSample* sample) {
  auto* buffer = gst_sample_get_buffer(sample);
  if (buffer == nullptr || !GST_CLOCK_TIME_IS_VALID(GST_BUFFER_PTS(buffer))) return;
  if (branch.track == Track::kPicture)
    on_picture(branch, sample);
  else
    on_sound(branch, sample);
}

void DecodePipeline::on_picture(Branch& branch, GstSample* sample) {
  auto* caps = gst_sample_get_caps(sample);
  if (caps != branch.caps.get()) {
    if (gst_video_info_from_caps(&branch.info, caps) == FALSE)
      return fail(Failure::kError, "pictures of no known kind");
    branch.caps.reset(gst_caps_ref(caps));
  }
  auto* buffer = gst_sample_get_buffer(sample);
  sinks_.picture(buffer, branch.info, nanoseconds(GST_BUFFER_PTS(buffer)));
}

void DecodePipeline::on_sound(Branch& branch, GstSample* sample) {
  auto* caps = gst_sample_get_caps(sample);
  if (caps != branch.caps.get()) {
    GstAudioInfo info;
    if (gst_audio_info_from_caps(&info, caps) == FALSE) return fail(Failure::kError, "sound of no known kind");
    branch.stereo = StereoMap(info);
    branch.caps.reset(gst_caps_ref(caps));
  }
  auto* buffer = gst_sample_get_buffer(sample);
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_READ) == FALSE) return;
  sinks_.sound(nanoseconds(GST_BUFFER_PTS(buffer)),
               branch.stereo.apply({reinterpret_cast<const float*>(map.data), map.size / sizeof(float)}, branch.mixed));
  gst_buffer_unmap(buffer, &map);
}

} // namespace pult::transcode::decode
