#include "packager/clean_programme.hpp"

#include <algorithm>
#include <spdlog/spdlog.h>

namespace pult::packager {
namespace {

// Both timelines cut a row within half a second of each other; at 100 ms a part that is five rows.
constexpr std::size_t kRowsKnown = 8;

bool same(const CutSample& a, const CutSample& b) {
  return a.dts == b.dts && a.duration == b.duration && a.sync == b.sync && (a.bytes == b.bytes || *a.bytes == *b.bytes);
}

bool same(const CutPart& a, const CutPart& b) {
  return a.track == b.track && a.first_picture == b.first_picture && a.tools == b.tools && a.begin == b.begin &&
         std::equal(a.samples.begin(), a.samples.end(), b.samples.begin(), b.samples.end(),
                    [](const auto& one, const auto& other) { return same(one, other); });
}

} // namespace

CleanProgramme::CleanProgramme(Cutting cutting, const std::vector<packet_link::TrackKind>& tracks,
                               std::vector<PartSink*> takers, Callbacks callbacks)
    : timeline_(cutting, tracks, *this), takers_(std::move(takers)), callbacks_(std::move(callbacks)),
      handed_init_(tracks.size()), most_known_(tracks.size() * kRowsKnown) {
  for (std::size_t t = 0; t < tracks.size(); ++t)
    muxers_.emplace_back(cutting);
}

void CleanProgramme::published(const CutPart& cut, const PublishedPart& part) {
  if (!wanted()) return;
  known_.push_back({cut, part});
  if (known_.size() > most_known_) known_.pop_front();
}

void CleanProgramme::formats(const std::vector<TrackToolsPtr>& /*tools*/) {}

SharedBytes CleanProgramme::bytes_of(const CutPart& cut) {
  const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& one) { return same(one.cut, cut); });
  if (found != known_.end()) return found->part.bytes;
  auto made = muxers_[cut.track].fragment(cut);
  if (made) return share(std::move(*made));
  ++failures_;
  spdlog::error("recording: {}", made.error().message);
  return nullptr;
}

void CleanProgramme::part(const CutPart& cut) {
  const auto bytes = bytes_of(cut);
  if (!bytes) return;
  auto& handed = handed_init_[cut.track];
  const bool new_init = handed != cut.tools->init_name;
  handed = cut.tools->init_name;
  const auto part = packager::published(cut, bytes);
  for (PartSink* taker : takers_) {
    if (new_init) taker->init_section({cut.track, cut.tools->init_name, cut.tools->init});
    taker->part(part);
  }
}

void CleanProgramme::show_ends(const std::string& show) {
  for (PartSink* taker : takers_)
    taker->show_ends(show);
  known_.clear();
  callbacks_.show_ended();
}

void CleanProgramme::ask_idr(std::uint32_t request) {
  callbacks_.ask_idr(request);
}

} // namespace pult::packager
