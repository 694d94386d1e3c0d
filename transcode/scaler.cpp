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

Scaler::Entry& Scaler::entry_for(PictureSize from, const Rect& where) {
  for (auto& entry : entries_)
    if (entry.from == from && entry.where == where) return entry;
  if (entries_.size() >= kMaxContexts) entries_.erase(entries_.begin());
  entries_.push_back({from, where, {}, {}});
  entries_.back().context.reset(open(from, {where.width, where.height}));
  return entries_.back();
}

bool Scaler::scale_aside(Entry& entry, const HousePicture& from) {
  if (entry.aside && entry.aside_of == from.id()) return true;
  if (!entry.aside) entry.aside = PicturePool({entry.where.width, entry.where.height}).take();
  if (!entry.aside) return false;
  PictureMap in(from, GST_MAP_READ);
  PictureMap out(entry.aside, GST_MAP_WRITE);
  if (!in.ok() || !out.ok()) return false;
  scale(entry.context.get(), in, out);
  entry.aside_of = from.id();
  return true;
}

void Scaler::draw(const HousePicture& from, const HousePicture& onto, const Rect& where) {
  const PictureSize size{where.width, where.height};
  auto* entry = from.size() == size ? nullptr : &entry_for(from.size(), where);
  if (entry != nullptr && !entry->context) return;
  const bool aside = entry != nullptr && !(size == onto.size());
  if (aside && !scale_aside(*entry, from)) return;
  PictureMap in(aside ? entry->aside : from, GST_MAP_READ);
  PictureMap out(onto, GST_MAP_WRITE);
  if (!in.ok() || !out.ok()) return;
  if (entry != nullptr && !aside)
    scale(entry->context.get(), in, out);
  else
    copy_to(in, out, where);
}

} // namespace pult::transcode
