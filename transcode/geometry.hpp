// Where the feeds of a scene stand in the programme: a pure function of layout, programme size and feed sizes.
//
// A layout has slots, drawn in order, the last on top. A feed keeps its aspect and is centred in its slot. All numbers
// are even, because the house format halves its chroma. Pure; any thread.
#pragma once

#include "base/config.hpp"

#include <string_view>
#include <vector>

namespace pult::transcode {

struct Rect {
  int x = 0;
  int y = 0;
  int width = 0;
  int height = 0;
  friend bool operator==(const Rect&, const Rect&) = default;
};

// The slots of a layout. `full`: one. `side-by-side`: two halves. `picture-in-picture`: the whole and a corner.
// `lecture`: slides large, speaker small beside them. `trio`: slides large, speaker and interpreter beside them.
// An unknown layout is `full` (the config refuses unknown ones before).
std::vector<Rect> slots_of(std::string_view layout, PictureSize programme);

// The largest even rectangle of the picture's aspect in the slot, centred. An aspect that differs by less than a
// percent fills the slot, so that rounding to even numbers never makes a hairline.
Rect fit(const Rect& slot, PictureSize picture);

// The rectangle covers the whole programme.
bool covers(const Rect& rect, PictureSize programme);

} // namespace pult::transcode
