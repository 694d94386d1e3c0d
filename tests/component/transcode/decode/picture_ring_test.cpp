// The ring as the decoder maps it.
#include "test_room.hpp"
#include "transcode/decode/picture_ring.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace pult;
using namespace pult::transcode::decode;

namespace {

constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

picture_link::Ring shape() {
  return {picture_link::kRingSlots, picture_link::HouseLayout::of(64, 36).bytes, 64, 36, 25};
}

} // namespace

TEST(PictureRing, RefusesMemoryThatCanBeTakenAway) {
  for (const int seals : {0, F_SEAL_GROW | F_SEAL_SEAL, F_SEAL_SHRINK | F_SEAL_GROW})
    EXPECT_FALSE(PictureRing::map(shape(), test::sealed_memory(shape().slots * shape().slot_bytes, seals)));
  EXPECT_TRUE(PictureRing::map(shape(), test::sealed_memory(shape().slots * shape().slot_bytes, kSeals)));
}

TEST(PictureRing, RefusesMemoryThatIsTooSmallOrNone) {
  EXPECT_FALSE(PictureRing::map(shape(), test::sealed_memory(shape().slots * shape().slot_bytes - 1, kSeals)));
  EXPECT_FALSE(PictureRing::map(shape(), UniqueFd()));
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  EXPECT_FALSE(PictureRing::map(shape(), UniqueFd(pipe_ends[0])));
  ::close(pipe_ends[1]);
}

TEST(PictureRing, HandsOutOnlyWhatWasGrantedAndOnce) {
  auto ring = *PictureRing::map(shape(), test::sealed_memory(shape().slots * shape().slot_bytes, kSeals));
  EXPECT_FALSE(ring->take());
  ASSERT_TRUE(ring->grant(3).ok());
  EXPECT_FALSE(ring->grant(3).ok());
  EXPECT_FALSE(ring->grant(12).ok());
  EXPECT_EQ(ring->take(), 3u);
  EXPECT_FALSE(ring->take());
  ring->give_back(3);
  EXPECT_EQ(ring->take(), 3u);
}

TEST(PictureRing, BytesReachTheOtherSide) {
  auto memory = test::sealed_memory(shape().slots * shape().slot_bytes, kSeals);
  auto ring = *PictureRing::map(shape(), memory);
  ring->slot_bytes(5)[7] = 42;
  std::uint8_t value = 0;
  ASSERT_EQ(::pread(memory.get(), &value, 1, static_cast<off_t>(5 * shape().slot_bytes + 7)), 1);
  EXPECT_EQ(value, 42);
}
