#include "transcode/scaler.hpp"

#include <array>
#include <cstring>
extern "C" {
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

namespace pult::transcode {
namespace {

// Feeds that change their size for ever must not fill the memory.
constexpr std::size_t kMaxContexts = 32;

void copy_to(PictureMap& from, PictureMap& onto, const Rect& where) {
  for (int plane = 0; plane < 3; ++plane) {
    const int divided = plane == 0 ? 1 : 2;
    const std::ptrdiff_t stride = onto.stride(plane);
    auto* out = onto.plane(plane) + where.y / divided * stride + where.x / divided;
    for (std::ptrdiff_t row = 0; row < from.height(plane); ++row)
      std::memcpy(out + row * stride, from.plane(plane) + row * from.stride(plane),
                  static_cast<std::size_t>(from.width(plane)));
  }
}

bool reduces(PictureSize from, PictureSize to) {
  return from.width >= to.width && from.height >= to.height;
}

// Chroma is sited left, between two rows, on both sides (H.273, chroma sample type 0; in 256ths of a luma sample).
void set_chroma_sites(SwsContext* context) {
  for (const auto* side : {"src_h_chr_pos", "dst_h_chr_pos"})
    av_opt_set_int(context, side, 0, 0);
  for (const auto* side : {"src_v_chr_pos", "dst_v_chr_pos"})
    av_opt_set_int(context, side, 128, 0);
}

SwsContext* open(PictureSize from, PictureSize to) {
  SwsContext* context = sws_alloc_context();
  if (context == nullptr) return nullptr;
  av_opt_set_int(context, "srcw", from.width, 0);
  av_opt_set_int(context, "srch", from.height, 0);
  av_opt_set_int(context, "src_format", AV_PIX_FMT_YUV420P, 0);
  av_opt_set_int(context, "dstw", to.width, 0);
  av_opt_set_int(context, "dsth", to.height, 0);
  av_opt_set_int(context, "dst_format", AV_PIX_FMT_YUV420P, 0);
  av_opt_set_int(context, "sws_flags", reduces(from, to) ? SWS_AREA : SWS_BICUBIC, 0);
  set_chroma_sites(context);
  if (sws_init_context(context, nullptr, nullptr) >= 0) return context;
  sws_freeContext(context);
  return nullptr;
}

void scale(SwsContext* context, PictureMap& from, PictureMap& onto) {
  const std::array<const std::uint8_t*, 3> in{from.plane(0), from.plane(1), from.plane(2)};
  const std::array<int, 3> in_strides{from.stride(0), from.stride(1), from.stride(2)};
  const std::array<std::uint8_t*, 3> out{onto.plane(0), onto.plane(1), onto.plane(2)};
  const std::array<int, 3> out_strides{onto.stride(0), onto.stride(1), onto.stride(2)};
  sws_scale(context, in.data(), in_strides.data(), 0, from.height(0), out.data(), out_strides.data());
}

} // namespace

Scaler::Scaler() = default;
Scaler::~Scaler() = default;

void Scaler::ContextFree::operator()(SwsContext* context) const {
  sws_freeContext(context);
}

Scaler::Entry& Scaler::entry_for(PictureSize from, PictureSize to) {
  for (auto& entry : entries_)
    if (entry.from == from && entry.to == to) return entry;
  if (entries_.size() >= kMaxContexts) entries_.erase(entries_.begin());
  entries_.push_back({from, to, {}, {}});
  entries_.back().context.reset(open(from, to));
  return entries_.back();
}

void Scaler::draw(const HousePicture& from, const HousePicture& onto, const Rect& where) {
  const PictureSize size{where.width, where.height};
  PictureMap in(from, GST_MAP_READ);
  PictureMap out(onto, GST_MAP_WRITE);
  if (!in.ok() || !out.ok()) return;
  if (from.size() == size) return copy_to(in, out, where);
  auto& entry = entry_for(from.size(), size);
  if (!entry.context) return;
  if (size == onto.size()) return scale(entry.context.get(), in, out);
  if (!entry.aside) entry.aside = std::make_unique<PicturePool>(size);
  const auto aside = entry.aside->take();
  if (!aside) return;
  PictureMap scaled(aside, GST_MAP_READWRITE);
  if (!scaled.ok()) return;
  scale(entry.context.get(), in, scaled);
  copy_to(scaled, out, where);
}

} // namespace pult::transcode
