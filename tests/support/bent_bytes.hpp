// Bytes bent at random, the same at each run: flips, runs of one value, holes, repeats, cuts. For tests that hold what
// a parser promises whatever it is given.
#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <random>

namespace pult::test {

class Bender {
 public:
  explicit Bender(std::uint32_t seed) : random_(seed) {}

  // Below `end`; 0 when `end` is.
  std::size_t below(std::size_t end) { return end == 0 ? 0 : random_() % end; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(random_()); }
  Bytes noise(std::size_t length) {
    Bytes bytes(length);
    std::generate(bytes.begin(), bytes.end(), [this] { return byte(); });
    return bytes;
  }

  // One to eight bends.
  Bytes bent(Bytes bytes) {
    for (auto bends = 1 + below(8); bends > 0; --bends)
      bend(bytes);
    return bytes;
  }

 private:
  void bend(Bytes& bytes) {
    if (bytes.empty()) return;
    const auto at = static_cast<std::ptrdiff_t>(below(bytes.size()));
    const auto length =
        static_cast<std::ptrdiff_t>(std::min(1 + below(40), bytes.size() - static_cast<std::size_t>(at)));
    const auto from = bytes.begin() + at;
    switch (below(6)) {
    case 0:
      *from ^= static_cast<std::uint8_t>(1u << below(8));
      break;
    case 1:
      *from = byte();
      break;
    case 2:
      std::fill(from, from + length, below(2) == 0 ? std::uint8_t{0xff} : std::uint8_t{0});
      break;
    case 3:
      bytes.erase(from, from + length);
      break;
    case 4: {
      const Bytes again(from, from + length);
      bytes.insert(bytes.begin() + at, again.begin(), again.end());
      break;
    }
    default:
      if (below(4) == 0) bytes.resize(static_cast<std::size_t>(at));
      break;
    }
  }
  std::mt19937 random_;
};

} // namespace pult::test
