// The machine-readable wall-clock code: a row of 20 equal cells along the picture's top edge, white or black.
//
//   cell 0 white, cell 1 black (references) · cells 2–17 the number, highest bit first (white = 1)
//   cell 18 white when the number has an odd count of ones · cell 19 the opposite of cell 18
//
// A cell is 1/20 of the width and 1/12 of the height. It is read as the mean luma of its inner half (a quarter left out
// on each side), and a bit is white above the middle between the two references: so it survives scaling, limited or
// full range and hard compression. A picture without the code, or caught in a fade, reads as nothing rather than as a
// wrong number: the references must be 80 apart and no cell may lie within a sixth of their distance around the middle.
// The flash is a block of its own (kFlash): white during the first two pictures of a full second.
// Pure functions, any thread. The number is the picture's number within the loop: wall time modulo the loop.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace pult::cam::wall_code {

inline constexpr int kCells = 20;
inline constexpr int kBits = 16;
inline constexpr int kHeightDivisor = 12;

// A rectangle as fractions of the picture.
struct Area {
  double left, top, width, height;
};

inline constexpr Area kRow{0, 0, 1, 1.0 / kHeightDivisor};
inline constexpr Area kFlash{4.0 / 5, 1.0 / 6, 3.0 / 20, 1.0 / 4};
inline constexpr int kFlashPictures = 2;

using Cells = std::array<bool, kCells>;

[[nodiscard]] Area cell_area(int cell);
[[nodiscard]] Cells cells_of(uint16_t number);

// A luma plane, 8 bits a pixel. A camera shown in a corner is a view into the larger picture.
struct LumaView {
  const uint8_t* pixels;
  int stride;
  int width;
  int height;
};

// At least 80 × 24 pixels are needed; smaller views read as nothing.
[[nodiscard]] std::optional<uint16_t> read_number(const LumaView& picture);

// True when the flash block is white; judged against the code's own references, so nothing without a readable code.
[[nodiscard]] std::optional<bool> read_flash(const LumaView& picture);

} // namespace pult::cam::wall_code
