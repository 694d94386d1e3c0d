// One rung's unbroken row of pictures: decides for each index what a decoder may be given, and makes it.
//
// The rules (docs/architecture.md, Time):
//  - a live P picture only from the same encoder run, directly after its predecessor: anything else decodes to a wrong
//    picture without a warning; so once filled, live again only at an IDR;
//  - a fill is a no-change picture; at a segment's first index it is the last IDR, because segments start with one;
//  - after 3 s of fault the slate "fault", a slate of the crew at once: its IDR, then no-change pictures;
//  - two IDRs in a row never carry the same idr_pic_id (H.264 7.4.3): the second is rewritten;
//  - where the writer does not know the parameter sets, or the last picture is no reference: one IDR, stretched.
// State that a restarted packager needs is RungState, written with each part. One thread; pure.
#pragma once

#include <optional>

#include "packager/track_tools.hpp"

namespace pult::packager {

using packet_link::SlateKind;

struct RungState {
  bool started = false;  // a picture of the present format was emitted
  bool filling = true;   // the last picture was not live
  std::uint64_t run = 0; // encoder run of the last live picture
  SliceHeader last;      // of the last picture
  PictureIndex filling_since = 0;
  std::optional<SlateKind> slate; // what is shown instead of the programme

  bool operator==(const RungState&) const = default;
};

struct LivePicture {
  std::uint64_t run = 0;
  SliceHeader header;
  SharedBytes sample;
};

// Whether a live picture may come next: never while filling, then only by an IDR that all rungs have (the timeline's
// decision, which calls take_live all the same).
[[nodiscard]] bool continues(const RungState& state, const LivePicture& picture, const Sps& sps);
// The state after that picture; the same for planning ahead as for real.
void follow(RungState& state, const LivePicture& picture);

struct RungSample {
  SharedBytes bytes;
  int pictures = 1; // how many indices it spans
  bool idr = false;
};

// Where a fill stands and what is wanted.
struct FillPlace {
  PictureIndex index = 0;
  int pictures = 1; // indices to the next live picture or the part's end
  bool starts_part = false;
  bool starts_segment = false;
  std::optional<SlateKind> crew_slate;
};

class RungFill {
 public:
  RungFill(TrackToolsPtr tools, Slates slates, int fps)
      : tools_(std::move(tools)), slates_(std::move(slates)), fps_(fps) {}

  // After a restart: the state after the last published picture and the last IDR that was published.
  void resume(const RungState& state, SharedBytes last_idr);
  void set_slate(SlateKind kind, SharedBytes idr) { slates_[static_cast<std::size_t>(kind)] = std::move(idr); }

  [[nodiscard]] RungSample take_live(const LivePicture& picture);
  // Nothing when there has never been an IDR to show: only before the first picture of a format.
  [[nodiscard]] std::optional<RungSample> fill(const FillPlace& place);
  [[nodiscard]] bool can_fill() const { return state_.started || any_slate() != nullptr; }

  [[nodiscard]] const RungState& state() const { return state_; }
  [[nodiscard]] const TrackToolsPtr& tools() const { return tools_; }
  [[nodiscard]] const SharedBytes& last_idr() const { return last_idr_; }

 private:
  [[nodiscard]] std::optional<SlateKind> wanted_slate(const FillPlace& place) const;
  [[nodiscard]] SharedBytes any_slate() const;
  [[nodiscard]] const SharedBytes& slate(SlateKind kind) const { return slates_[static_cast<std::size_t>(kind)]; }
  RungSample emit_idr(SharedBytes sample, int pictures);
  RungSample emit_no_change();

  TrackToolsPtr tools_;
  Slates slates_;
  int fps_;
  RungState state_;
  SharedBytes last_idr_;
};

} // namespace pult::packager
