#include "ingest/guess_budget.hpp"

#include <gtest/gtest.h>

namespace pult::ingest {
namespace {

using Answer = GuessBudget::Answer;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(GuessBudgetTest, TwentyAtOnceThenFiveASecond) {
  GuessBudget budget;
  const Nanoseconds start = seconds(1000);
  for (int i = 0; i < 20; ++i)
    EXPECT_EQ(budget.take(1, start), Answer::kTaken) << i;
  EXPECT_EQ(budget.take(1, start), Answer::kOverOwn);
  int taken = 0;
  for (int ms = 0; ms < 10'000; ms += 5)
    if (budget.take(1, start + milliseconds(ms)) == Answer::kTaken) ++taken;
  EXPECT_GE(taken, 49);
  EXPECT_LE(taken, 51);
}

TEST(GuessBudgetTest, OneAddressDoesNotSpendAnothers) {
  GuessBudget budget;
  while (budget.take(1, seconds(1)) == Answer::kTaken)
    ;
  EXPECT_EQ(budget.take(2, seconds(1)), Answer::kTaken);
}

TEST(GuessBudgetTest, AcceptedConnectionsCostNothing) {
  GuessBudget budget;
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(budget.take(1, seconds(1)), Answer::kTaken) << i;
    budget.give_back(1);
  }
}

TEST(GuessBudgetTest, ManyStrangersExhaustThePortButNotAKnownSender) {
  GuessBudget budget;
  ASSERT_EQ(budget.take(7, seconds(1)), Answer::kTaken);
  budget.give_back(7);
  std::uint64_t stranger = 100;
  int tried = 0;
  while (budget.take(stranger, seconds(1)) == Answer::kTaken) {
    ++stranger;
    ASSERT_LT(++tried, 1000);
  }
  EXPECT_EQ(budget.take(stranger + 1, seconds(1)), Answer::kOverPort);
  EXPECT_EQ(budget.take(7, seconds(1)), Answer::kTaken);
}

TEST(GuessBudgetTest, AnAddressInTheSameSlotCannotWashAFullBucketOut) {
  GuessBudget budget;
  while (budget.take(5, seconds(1)) == Answer::kTaken)
    ;
  EXPECT_EQ(budget.take(5 + 4096, seconds(1)), Answer::kOverOwn);
  EXPECT_EQ(budget.take(5, seconds(1)), Answer::kOverOwn);
  EXPECT_EQ(budget.take(5 + 4096, seconds(10)), Answer::kTaken);
}

} // namespace
} // namespace pult::ingest
