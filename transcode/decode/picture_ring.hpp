// decode's end of the sealed ring: slots that the mixer granted, to be filled and sent.
//
// The memfd must be sealed against shrinking and growing, or it is refused: memory that another process can truncate
// under us would kill us. A slot is taken by the decoding thread, filled, and either sent (the mixer owns it from then
// on, until it grants it anew) or given back. The mapping lives as long as the last shared_ptr; when the mixer comes
// anew there is a new ring, and a slot of the old one goes nowhere. All members from any thread.
#pragma once

#include "base/messages/picture_link.hpp"
#include "base/unique_fd.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace pult::transcode::decode {

class PictureRing {
 public:
  static Result<std::shared_ptr<PictureRing>> map(const picture_link::Ring& ring, const UniqueFd& memfd);
  ~PictureRing();
  PictureRing(const PictureRing&) = delete;
  PictureRing& operator=(const PictureRing&) = delete;

  // The mixer grants a slot. An error when it was granted already: then the two sides disagree.
  Result<void> grant(std::uint32_t slot);
  std::optional<std::uint32_t> take();
  void give_back(std::uint32_t slot);

  [[nodiscard]] const picture_link::Ring& shape() const { return ring_; }
  [[nodiscard]] std::span<std::uint8_t> slot_bytes(std::uint32_t slot) const;

 private:
  PictureRing(const picture_link::Ring& ring, std::uint8_t* memory, std::size_t bytes)
      : ring_(ring), memory_(memory), bytes_(bytes), granted_(static_cast<std::size_t>(ring.slots), false) {}

  const picture_link::Ring ring_;
  std::uint8_t* const memory_;
  const std::size_t bytes_;
  std::mutex mutex_;
  std::vector<bool> granted_; // free for us to fill
};

} // namespace pult::transcode::decode
