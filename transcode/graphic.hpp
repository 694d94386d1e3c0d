// A drawing with transparency, made once into the house format, and laid over pictures on its rectangle only.
//
// Planes are premultiplied and kept with an alpha plane for luma and one for chroma: laying over is one multiplication
// and addition per sample. The chroma planes are filtered from the full drawing where the house format has its samples
// (between two rows, on the left column), their alpha with them, so that edges have no fringes of wrong colour. Making
// one is slow (milliseconds); laying it over is the mixer's. A made graphic never changes. Any thread.
#pragma once

#include "transcode/geometry.hpp"
#include "transcode/house_picture.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pult::transcode {

struct GraphicPlane {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> alpha;
  std::vector<std::uint8_t> samples; // premultiplied
};

struct Graphic {
  Rect where; // in the programme, even
  GraphicPlane luma;
  GraphicPlane blue; // Cb
  GraphicPlane red;  // Cr
};

// Of a drawing in Cairo's ARGB32 (premultiplied, sRGB taken as BT.709) of the programme's size, what is not
// transparent. A drawing without anything has an empty rectangle.
Graphic make_graphic(std::span<const std::uint32_t> argb, PictureSize size);

// How a graphic lies over one picture; equal ones over the same picture give the same.
struct Overlay {
  std::shared_ptr<const Graphic> graphic; // empty: none
  int weight = 256;                       // of 256: its opacity
  int down = 0;                           // rows below its place, even
  explicit operator bool() const { return graphic != nullptr && weight > 0; }
  friend bool operator==(const Overlay&, const Overlay&) = default;
};

// `onto` is the caller's alone and of programme size.
void lay_over(const Overlay& overlay, const HousePicture& onto);

} // namespace pult::transcode
