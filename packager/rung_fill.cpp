#include "packager/rung_fill.hpp"

namespace pult::packager {

namespace {

constexpr PictureIndex kFaultSlateAfterSeconds = 3; // shorter faults are a frozen picture, which disturbs less

} // namespace

void RungFill::resume(const RungState& state, SharedBytes last_idr) {
  state_ = state;
  last_idr_ = std::move(last_idr);
  if (last_idr_ == nullptr) state_ = {};
}

bool continues(const RungState& state, const LivePicture& picture, const Sps& sps) {
  if (!state.started || state.filling) return false;
  if (picture.header.idr) return true;
  if (picture.run != state.run) return false;
  // 7.4.3: frame_num rises by one behind a reference picture; anything else means that one is missing between.
  const std::uint32_t expected = (state.last.frame_num + (state.last.reference ? 1 : 0)) % (1U << sps.frame_num_bits);
  return picture.header.frame_num == expected;
}

void follow(RungState& state, const LivePicture& picture) {
  state.started = true;
  state.filling = false;
  state.slate.reset();
  state.run = picture.run;
  state.last = picture.header;
}

RungSample RungFill::take_live(const LivePicture& picture) {
  if (!picture.header.idr) {
    follow(state_, picture);
    return {picture.sample, 1, false};
  }
  RungSample idr = emit_idr(picture.sample, 1);
  const SliceHeader emitted = state_.last;
  follow(state_, picture);
  state_.last = emitted;
  return idr;
}

std::optional<RungSample> RungFill::fill(const FillPlace& place) {
  // What the crew wanted is no fault: its time begins when their slate is off.
  if (!state_.filling || !state_.started || place.crew_slate) state_.filling_since = place.index;
  state_.filling = true;
  const auto wanted = wanted_slate(place);
  // A new slate begins with a part, so that the part is independent; without any picture yet it begins at once.
  if (wanted && (place.starts_part || !state_.started) && wanted != state_.slate) {
    state_.slate = wanted;
    return emit_idr(slate(*wanted), tools_->no_change ? 1 : place.pictures);
  }
  if (!state_.started) {
    if (any_slate() == nullptr) return std::nullopt;
    return emit_idr(any_slate(), tools_->no_change ? 1 : place.pictures);
  }
  if (place.starts_segment) return emit_idr(last_idr_, tools_->no_change ? 1 : place.pictures);
  if (!tools_->no_change || !state_.last.reference) return emit_idr(last_idr_, place.pictures);
  return emit_no_change();
}

std::optional<SlateKind> RungFill::wanted_slate(const FillPlace& place) const {
  if (place.crew_slate && slate(*place.crew_slate) != nullptr) return place.crew_slate;
  const bool long_fault = !state_.started || place.index - state_.filling_since >= kFaultSlateAfterSeconds * fps_;
  if (!place.crew_slate && long_fault && slate(SlateKind::kFault) != nullptr) return SlateKind::kFault;
  return std::nullopt;
}

SharedBytes RungFill::any_slate() const {
  if (slate(SlateKind::kFault) != nullptr) return slate(SlateKind::kFault);
  for (const SharedBytes& idr : slates_)
    if (idr != nullptr) return idr;
  return nullptr;
}

RungSample RungFill::emit_idr(SharedBytes sample, int pictures) {
  auto header = parse_sample_header(*sample, *tools_->video);
  assert(header && header->idr); // checked when it came in
  if (state_.started && state_.last.idr && state_.last.idr_pic_id == header->idr_pic_id) {
    auto renamed = with_idr_pic_id(*sample, *tools_->video, header->idr_pic_id ^ 1U);
    if (renamed) {
      sample = share(std::move(*renamed));
      header->idr_pic_id ^= 1U;
    }
  }
  state_.last = *header;
  state_.started = true;
  last_idr_ = sample;
  return {std::move(sample), pictures, true};
}

RungSample RungFill::emit_no_change() {
  state_.last = tools_->no_change->next_header(state_.last);
  return {share(tools_->no_change->sample(state_.last)), 1, false};
}

} // namespace pult::packager
