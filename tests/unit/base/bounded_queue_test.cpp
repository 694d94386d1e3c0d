#include "base/bounded_queue.hpp"

#include <gtest/gtest.h>
#include <string>
#include <thread>

namespace pult {
namespace {

using namespace std::chrono_literals;

TEST(BoundedQueue, RefusesBeyondItsBoundAndCounts) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_FALSE(queue.push(3));
  EXPECT_EQ(queue.dropped(), 1u);
  EXPECT_EQ(queue.try_pop(), 1);
  EXPECT_TRUE(queue.push(4));
  EXPECT_EQ(queue.try_pop(), 2);
  EXPECT_EQ(queue.try_pop(), 4);
  EXPECT_FALSE(queue.try_pop());
}

TEST(BoundedQueue, CountsCostWhereItIsGiven) {
  BoundedQueue<std::string> queue(10);
  EXPECT_TRUE(queue.push("a", 6));
  EXPECT_FALSE(queue.push("b", 5));
  EXPECT_TRUE(queue.push("c", 4));
  EXPECT_EQ(queue.cost(), 10u);
}

TEST(BoundedQueue, DropsTheOldestWhenAsked) {
  BoundedQueue<int> queue(2);
  for (int i = 1; i <= 5; ++i)
    queue.push_dropping_oldest(i);
  EXPECT_EQ(queue.dropped(), 3u);
  EXPECT_EQ(queue.try_pop(), 4);
  EXPECT_EQ(queue.try_pop(), 5);
}

TEST(BoundedQueue, WakesAndDrainsOnClose) {
  BoundedQueue<int> queue(4);
  EXPECT_TRUE(queue.push(1));
  std::thread closer([&] { queue.close(); });
  EXPECT_EQ(queue.pop_for(10s), 1);
  EXPECT_FALSE(queue.pop_for(10s));
  closer.join();
  EXPECT_FALSE(queue.push(2));
}

TEST(BoundedQueue, CrossesThreadsInOrder) {
  BoundedQueue<int> queue(1'000'000);
  std::thread producer([&] {
    for (int i = 0; i < 10'000; ++i)
      EXPECT_TRUE(queue.push(i));
  });
  for (int i = 0; i < 10'000; ++i)
    EXPECT_EQ(queue.pop_for(10s), i);
  producer.join();
}

} // namespace
} // namespace pult
