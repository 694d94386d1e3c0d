#include "transcode/picture_ring.hpp"

#include <algorithm>
#include <fcntl.h>
#include <gst/video/gstvideometa.h>
#include <sys/mman.h>
#include <unistd.h>

namespace pult::transcode {
namespace {

// Pictures that are not waiting: being filled, on air, in the encoders' queue.
constexpr int kBusySlots = 11;

std::size_t whole_pages(std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (bytes + page - 1) / page * page;
}

struct Lease {
  std::shared_ptr<PictureRing> ring;
  std::function<void(std::uint32_t)> freed;
  std::uint32_t slot;
};

void end_lease(gpointer data) {
  const std::unique_ptr<Lease> lease(static_cast<Lease*>(data));
  lease->freed(lease->slot);
}

} // namespace

Result<std::shared_ptr<PictureRing>> PictureRing::make(const picture_link::Ring& shape, OnFreed freed) {
  std::shared_ptr<PictureRing> ring(new PictureRing(shape, std::move(freed)));
  ring->fd_.reset(::memfd_create("pult-pictures", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!ring->fd_) return errno_error("memfd_create", errno);
  if (::ftruncate(ring->fd_.get(), static_cast<off_t>(ring->bytes())) != 0)
    return errno_error("size the picture ring", errno);
  if (::fcntl(ring->fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0)
    return errno_error("seal the picture ring", errno);
  void* memory = ::mmap(nullptr, ring->bytes(), PROT_READ, MAP_SHARED, ring->fd_.get(), 0);
  if (memory == MAP_FAILED) return errno_error("map the picture ring", errno);
  ring->memory_ = static_cast<std::uint8_t*>(memory);
  return ring;
}

PictureRing::~PictureRing() {
  if (memory_ != nullptr) ::munmap(memory_, bytes());
}

UniqueFd PictureRing::share_fd() const {
  return UniqueFd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
}

HousePicture PictureRing::wrap(std::uint32_t slot, PictureSize size) {
  const auto layout = picture_link::HouseLayout::of(size.width, size.height);
  auto* lease = new Lease{shared_from_this(), freed_, slot};
  auto* memory = memory_ + slot * shape_.slot_bytes;
  GstBuffer* buffer =
      gst_buffer_new_wrapped_full(GST_MEMORY_FLAG_READONLY, memory, layout.bytes, 0, layout.bytes, lease, end_lease);
  std::array<gsize, GST_VIDEO_MAX_PLANES> offset{};
  std::array<gint, GST_VIDEO_MAX_PLANES> stride{};
  for (std::size_t i = 0; i < 3; ++i) {
    offset[i] = layout.offset[i];
    stride[i] = layout.stride[i];
  }
  gst_buffer_add_video_meta_full(buffer, GST_VIDEO_FRAME_FLAG_NONE, GST_VIDEO_FORMAT_I420,
                                 static_cast<guint>(size.width), static_cast<guint>(size.height), 3, offset.data(),
                                 stride.data());
  return {BufferRef::adopt(buffer), size};
}

std::uint32_t slots_in_use(int fps, std::chrono::milliseconds delay) {
  const auto longest = std::min(delay, kMostDelay) + picture_link::kMostLead;
  const auto waiting = static_cast<int>((longest.count() * fps + 999) / 1000);
  return static_cast<std::uint32_t>(std::max(waiting + kBusySlots, picture_link::kRingSlots));
}

picture_link::Ring ring_shape(PictureSize programme, int fps) {
  picture_link::Ring ring;
  ring.slots = static_cast<int>(slots_in_use(fps, kMostDelay));
  ring.slot_bytes = whole_pages(picture_link::HouseLayout::of(programme.width, programme.height).bytes);
  ring.width = programme.width;
  ring.height = programme.height;
  ring.fps = fps;
  return ring;
}

} // namespace pult::transcode
