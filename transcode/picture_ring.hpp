// The shared memory through which one decoder hands its pictures over: a memfd of slots that cannot change its size.
//
// The mixer owns the slots: it grants a number, the decoder fills it and gives it back with a picture in it. Sealed
// against shrinking and growing, because a peer that truncates shared memory kills its reader; mapped for reading only
// on this side. A slot becomes a HousePicture without a copy; when its last holder lets go, `freed` is called with the
// slot's number, from whatever thread that is. The mapping lives as long as the ring or any of its pictures.
#pragma once

#include "transcode/house_picture.hpp"

#include "base/messages/picture_link.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"

#include <functional>
#include <memory>

namespace pult::transcode {

class PictureRing : public std::enable_shared_from_this<PictureRing> {
 public:
  using OnFreed = std::function<void(std::uint32_t slot)>;
  static Result<std::shared_ptr<PictureRing>> make(const picture_link::Ring& shape, OnFreed freed);
  ~PictureRing();

  [[nodiscard]] const picture_link::Ring& shape() const { return shape_; }
  [[nodiscard]] UniqueFd share_fd() const; // for the decoder
  // `slot` and `size` were checked against the shape.
  HousePicture wrap(std::uint32_t slot, PictureSize size);

 private:
  PictureRing(picture_link::Ring shape, OnFreed freed) : shape_(shape), freed_(std::move(freed)) {}
  [[nodiscard]] std::size_t bytes() const { return static_cast<std::size_t>(shape_.slots) * shape_.slot_bytes; }

  picture_link::Ring shape_;
  OnFreed freed_;
  UniqueFd fd_;
  std::uint8_t* memory_ = nullptr;
};

// Of the mixer's and the feed's together; the shape has slots for it, of which memory is taken when they are used.
inline constexpr std::chrono::milliseconds kMostDelay{5200};
picture_link::Ring ring_shape(PictureSize programme, int fps);
// How many of the slots are needed when pictures wait that long, beside the lead that their feed's clock may give them.
// Only those are granted.
std::uint32_t slots_in_use(int fps, std::chrono::milliseconds delay);

} // namespace pult::transcode
