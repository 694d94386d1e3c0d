// Scales house pictures, whole or into a rectangle of another picture, in the caller's thread.
//
// By libswscale, which takes less than half of GstVideoConverter's time for the same: averaging when reducing, cubic
// when enlarging, one thread. What keeps its size is copied row by row. A part of a picture is scaled aside and copied
// in, because the library may write a few samples beyond a row's end; what lies aside is used again when the same
// picture comes there again (from a feed of half the rate, or one that is silent). Contexts are kept, one for each pair
// of size and rectangle that is in use; a scene has few. One thread per Scaler.
#pragma once

#include "transcode/geometry.hpp"
#include "transcode/house_picture.hpp"

#include <memory>
#include <vector>

struct SwsContext;

namespace pult::transcode {

class Scaler {
 public:
  Scaler();
  Scaler(const Scaler&) = delete;
  Scaler& operator=(const Scaler&) = delete;
  ~Scaler();

  // Draws `from` into `where` of `onto`; the rest of `onto` stays.
  void draw(const HousePicture& from, const HousePicture& onto, const Rect& where);

 private:
  struct ContextFree {
    void operator()(SwsContext* context) const;
  };
  struct Entry {
    PictureSize from;
    Rect where;
    std::unique_ptr<SwsContext, ContextFree> context;
    HousePicture aside;
    std::uint64_t aside_of = 0; // id of the picture that lies there
  };
  Entry& entry_for(PictureSize from, const Rect& where);
  static bool scale_aside(Entry& entry, const HousePicture& from);
  std::vector<Entry> entries_; // least recently made first
};

} // namespace pult::transcode
