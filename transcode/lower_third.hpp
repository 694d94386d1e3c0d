// The lower third at each picture: which drawing lies over the programme, how far its animation is, and since when what
// is wanted is on the picture.
//
// It comes in and goes out in kAnimation, rising a little; at its end, counted in pictures, it goes by itself. Another
// text goes out, then comes in. Until a drawing is there, the programme stays as it was; a drawing that fails never
// comes, and what is shown stays. The first that is wanted, before the first picture, stands there at once: it was on
// air before this program was. Pure; the mixer thread.
#pragma once

#include "transcode/graphic.hpp"

#include "base/messages/wanted_state.hpp"

#include <chrono>
#include <optional>

namespace pult::transcode {

class LowerThird {
 public:
  using Text = WantedState::LowerThird;
  static constexpr std::chrono::milliseconds kAnimation{400};
  // What takes longer to draw is answered as if it had come, and comes when it is drawn.
  static constexpr std::chrono::milliseconds kDrawingPatience{1000};

  enum class State { kOff, kDrawing, kIn, kShown, kOut, kFailed };

  LowerThird(int fps, int programme_height);

  // From picture n on. True: a drawing of it is needed, then call drawn(). `at_once`: without animation.
  bool want(const Text& text, PictureIndex n, bool at_once);
  // Empty: it cannot be drawn. A text that is not wanted any more is ignored.
  void drawn(const Text& text, std::shared_ptr<const Graphic> graphic);

  // Once for each picture that is composed, n rising.
  Overlay at(PictureIndex n);

  // The picture at which what is wanted showed first (or was gone); empty: not yet.
  [[nodiscard]] std::optional<PictureIndex> answered() const { return answered_; }
  [[nodiscard]] const Text& wanted() const { return wanted_; }
  [[nodiscard]] State state() const;
  [[nodiscard]] const Text& on_picture() const { return current_ ? current_->text : wanted_; }
  [[nodiscard]] PictureIndex since() const { return since_; } // the first picture of the state
  // A drawing is asked for, and did not come yet.
  [[nodiscard]] bool is_drawing() const { return drawing_; }

 private:
  struct Drawn {
    Text text;
    std::shared_ptr<const Graphic> graphic;
  };
  [[nodiscard]] bool wants_current() const { return current_ && !leaving_ && current_->text == wanted_; }
  [[nodiscard]] bool must_leave(PictureIndex n) const;
  void come_in();
  void advance(PictureIndex n);
  void answer(PictureIndex n);
  [[nodiscard]] Overlay overlay() const;

  const int steps_; // pictures of the animation
  const int rise_;  // rows
  const std::int64_t patience_;

  Text wanted_;
  PictureIndex wanted_since_ = 0;
  bool drawing_ = false;
  bool failed_ = false;
  bool at_once_ = false;
  std::optional<Drawn> next_;    // drawn, waits until the current one is gone
  std::optional<Drawn> current_; // on the picture
  bool leaving_ = false;
  int step_ = 0; // 0: gone, steps_: all there
  std::optional<PictureIndex> last_;
  std::optional<PictureIndex> answered_ = 0; // nothing is wanted, and nothing is there
  State reported_ = State::kOff;
  PictureIndex since_ = 0;
};

const char* name_of(LowerThird::State state); // "off", "drawing", "in", "shown", "out", "failed"

} // namespace pult::transcode
