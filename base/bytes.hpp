// Byte buffers as they cross the house: made once, then shared and never changed. Any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace pult {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using SharedBytes = std::shared_ptr<const Bytes>;

inline SharedBytes share(Bytes bytes) {
  return std::make_shared<const Bytes>(std::move(bytes));
}

} // namespace pult
