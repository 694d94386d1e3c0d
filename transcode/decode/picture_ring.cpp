#include "transcode/decode/picture_ring.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace pult::transcode::decode {

Result<std::shared_ptr<PictureRing>> PictureRing::map(const picture_link::Ring& ring, const UniqueFd& memfd) {
  constexpr int kNeeded = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
  const int seals = ::fcntl(memfd.get(), F_GET_SEALS);
  if (seals < 0) return errno_error("picture ring: seals", errno);
  if ((seals & kNeeded) != kNeeded) return Error{Errc::kRefused, "picture ring: the memory is not sealed"};
  const auto bytes = static_cast<std::size_t>(ring.slots) * ring.slot_bytes;
  struct stat info {};
  if (::fstat(memfd.get(), &info) != 0) return errno_error("picture ring: stat", errno);
  if (ring.slot_bytes > (1u << 28) || static_cast<std::size_t>(info.st_size) < bytes)
    return Error{Errc::kCorrupt, "picture ring: smaller than it says"};
  void* memory = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memfd.get(), 0);
  if (memory == MAP_FAILED) return errno_error("picture ring: map", errno);
  return std::shared_ptr<PictureRing>(new PictureRing(ring, static_cast<std::uint8_t*>(memory), bytes));
}

PictureRing::~PictureRing() {
  ::munmap(memory_, bytes_);
}

Result<void> PictureRing::grant(std::uint32_t slot) {
  const std::lock_guard lock(mutex_);
  if (slot >= granted_.size()) return Error{Errc::kCorrupt, "picture ring: granted a slot that is not there"};
  if (granted_[slot]) return Error{Errc::kCorrupt, "picture ring: granted a slot twice"};
  granted_[slot] = true;
  return {};
}

std::optional<std::uint32_t> PictureRing::take() {
  const std::lock_guard lock(mutex_);
  for (std::uint32_t slot = 0; slot < granted_.size(); ++slot) {
    if (!granted_[slot]) continue;
    granted_[slot] = false;
    return slot;
  }
  return std::nullopt;
}

void PictureRing::give_back(std::uint32_t slot) {
  const std::lock_guard lock(mutex_);
  granted_[slot] = true;
}

std::span<std::uint8_t> PictureRing::slot_bytes(std::uint32_t slot) const {
  return {memory_ + slot * ring_.slot_bytes, ring_.slot_bytes};
}

} // namespace pult::transcode::decode
