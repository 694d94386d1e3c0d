#include "transcode/scaler.hpp"

namespace pult::transcode {
namespace {

// Feeds that change their size for ever must not fill the memory.
constexpr std::size_t kMaxConverters = 32;

GstStructure* options(const Rect& where) {
  // Linear with as many taps as the reduction asks for: half the cost of cubic, no visible difference when reducing.
  return gst_structure_new("options", GST_VIDEO_CONVERTER_OPT_RESAMPLER_METHOD, GST_TYPE_VIDEO_RESAMPLER_METHOD,
                           GST_VIDEO_RESAMPLER_METHOD_LINEAR, GST_VIDEO_CONVERTER_OPT_DEST_X, G_TYPE_INT, where.x,
                           GST_VIDEO_CONVERTER_OPT_DEST_Y, G_TYPE_INT, where.y, GST_VIDEO_CONVERTER_OPT_DEST_WIDTH,
                           G_TYPE_INT, where.width, GST_VIDEO_CONVERTER_OPT_DEST_HEIGHT, G_TYPE_INT, where.height,
                           GST_VIDEO_CONVERTER_OPT_FILL_BORDER, G_TYPE_BOOLEAN, FALSE, nullptr);
}

} // namespace

GstVideoConverter* Scaler::converter_for(PictureSize from, PictureSize onto, const Rect& where) {
  for (const auto& entry : entries_)
    if (entry.from == from && entry.onto == onto && entry.where == where) return entry.converter.get();
  const auto in = house_info(from);
  const auto out = house_info(onto);
  if (entries_.size() >= kMaxConverters) entries_.erase(entries_.begin());
  entries_.push_back({from, onto, where, {}});
  entries_.back().converter.reset(gst_video_converter_new(&in, &out, options(where)));
  return entries_.back().converter.get();
}

void Scaler::draw(const HousePicture& from, const HousePicture& onto, const Rect& where) {
  auto* converter = converter_for(from.size(), onto.size(), where);
  PictureMap in(from, GST_MAP_READ);
  PictureMap out(onto, GST_MAP_WRITE);
  if (converter != nullptr && in.ok() && out.ok()) gst_video_converter_frame(converter, in.frame(), out.frame());
}

} // namespace pult::transcode
