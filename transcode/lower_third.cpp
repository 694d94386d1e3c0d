#include "transcode/lower_third.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace pult::transcode {
namespace {

constexpr double kRise = 0.02; // of the programme's height

// Begins and ends gently.
double eased(double progress) {
  return progress * progress * (3 - 2 * progress);
}

} // namespace

LowerThird::LowerThird(int fps, int programme_height)
    : steps_(static_cast<int>(kAnimation.count() * fps / 1000)), rise_(static_cast<int>(programme_height * kRise)),
      patience_(kDrawingPatience.count() * fps / 1000) {}

bool LowerThird::want(const Text& text, PictureIndex n, bool at_once) {
  if (text == wanted_) return false;
  wanted_ = text;
  wanted_since_ = n;
  drawing_ = failed_ = false;
  at_once_ = at_once;
  next_.reset();
  answered_.reset();
  const bool over = text.until != 0 && n >= text.until;
  if (text.name.empty() || over) return false;
  drawing_ = true;
  return true;
}

void LowerThird::drawn(const Text& text, std::shared_ptr<const Graphic> graphic) {
  if (!drawing_ || !(text == wanted_)) return;
  drawing_ = false;
  failed_ = graphic == nullptr;
  if (!failed_) next_ = Drawn{text, std::move(graphic)};
}

// Asked for to go, over, or the next one waits. What cannot be drawn drives nothing away.
bool LowerThird::must_leave(PictureIndex n) const {
  if (!current_) return false;
  const auto& until = current_->text.until;
  return next_ || wanted_.name.empty() || (until != 0 && n >= until) || (wanted_.until != 0 && n >= wanted_.until);
}

void LowerThird::come_in() {
  current_ = std::exchange(next_, std::nullopt);
  leaving_ = false;
  step_ = std::exchange(at_once_, false) ? steps_ : 0;
}

void LowerThird::advance(PictureIndex n) {
  const auto pictures = static_cast<int>(std::clamp<PictureIndex>(last_ ? n - *last_ : 1, 0, steps_));
  leaving_ = leaving_ || must_leave(n);
  step_ = std::clamp(step_ + (leaving_ ? -pictures : pictures), 0, steps_);
  if (!leaving_ || step_ > 0) return;
  current_.reset();
  leaving_ = false;
}

Overlay LowerThird::at(PictureIndex n) {
  if (next_ && next_->text.until != 0 && n >= next_->text.until) next_.reset();
  if (!current_ && next_) come_in();
  if (current_) advance(n);
  last_ = n;
  answer(n);
  if (const auto now = state(); now != std::exchange(reported_, now)) since_ = n;
  return overlay();
}

void LowerThird::answer(PictureIndex n) {
  if (answered_) return;
  const bool over = wanted_.name.empty() || (wanted_.until != 0 && n >= wanted_.until);
  const bool gone = over && (!current_ || leaving_);
  const bool takes_long = drawing_ && n - wanted_since_ >= patience_;
  if (gone || wants_current() || failed_ || takes_long) answered_ = n;
}

Overlay LowerThird::overlay() const {
  if (!current_) return {};
  const double there = eased(static_cast<double>(step_) / steps_);
  const int down = static_cast<int>(std::lround((1 - there) * rise_)) / 2 * 2;
  return {current_->graphic, static_cast<int>(std::lround(there * 256)), down};
}

LowerThird::State LowerThird::state() const {
  if (current_ && leaving_) return State::kOut;
  if (current_) return step_ < steps_ ? State::kIn : State::kShown;
  if (drawing_ || next_) return State::kDrawing;
  return failed_ ? State::kFailed : State::kOff;
}

const char* name_of(LowerThird::State state) {
  switch (state) {
  case LowerThird::State::kOff:
    return "off";
  case LowerThird::State::kDrawing:
    return "drawing";
  case LowerThird::State::kIn:
    return "in";
  case LowerThird::State::kShown:
    return "shown";
  case LowerThird::State::kOut:
    return "out";
  case LowerThird::State::kFailed:
    return "failed";
  }
  return "off";
}

} // namespace pult::transcode
