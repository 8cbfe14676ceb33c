#include "daemon/renewal/throttle.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr BootTime k_start{100h};

struct ThrottleTest : testing::Test {
  Throttle throttle;
  BootTime now = k_start;

  // What is put off, from now on, in the order in which it was asked for; zero: begun.
  Duration background(const std::string& endpoint = "issuer")
  {
    const auto later = throttle.begin_background(endpoint, now);
    return later ? *later - now : 0s;
  }
  std::optional<Duration> foreground(const std::string& endpoint = "issuer")
  {
    const auto begin_at = throttle.begin_foreground(endpoint, now);
    if (!begin_at) return std::nullopt;
    return *begin_at - now;
  }
  void background_ends() { throttle.end_background("issuer"); }
};

TEST(TokenBucket, GivesItsBurstAtOnceAndThenOneEachInterval)
{
  TokenBucket bucket(200ms, 3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(bucket.next(k_start), k_start);
    bucket.take(k_start);
  }
  EXPECT_EQ(bucket.next(k_start), k_start + 200ms);
  EXPECT_EQ(bucket.next(k_start + 150ms), k_start + 200ms);
  bucket.take(k_start + 200ms);
  EXPECT_EQ(bucket.next(k_start + 200ms), k_start + 400ms);
}

TEST(TokenBucket, IsFullAgainAfterARestAndNeverFuller)
{
  TokenBucket bucket(200ms, 3);
  EXPECT_TRUE(bucket.full(k_start));
  bucket.take(k_start);
  bucket.take(k_start);
  EXPECT_FALSE(bucket.full(k_start + 399ms));
  EXPECT_TRUE(bucket.full(k_start + 400ms));
  const BootTime much_later = k_start + 24h;
  for (int i = 0; i < 3; ++i)
    bucket.take(much_later);
  EXPECT_EQ(bucket.next(much_later), much_later + 200ms);
}

TEST_F(ThrottleTest, EightAreInTheBackgroundAtOnce)
{
  for (int i = 0; i < 8; ++i)
    ASSERT_EQ(background(), 0s);
  EXPECT_EQ(background(), 1s); // whether one has ended is seen then
  background_ends();
  EXPECT_EQ(background(), 0s);
  EXPECT_EQ(background(), 1s);
}

TEST_F(ThrottleTest, FiveASecondBeginInTheBackgroundAfterABurstOfTen)
{
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(background(), 0s);
    background_ends();
  }
  int begun = 0;
  for (const BootTime end = now + 10s; now < end; now += 10ms) {
    if (background() != 0s) continue;
    background_ends();
    ++begun;
  }
  EXPECT_EQ(begun, 49); // the first after 200 ms
}

TEST_F(ThrottleTest, TwentyASecondBeginInTheForegroundAfterABurstOfAHundred)
{
  for (int i = 0; i < 100; ++i)
    ASSERT_EQ(foreground(), 0s);
  for (int i = 1; i <= 40; ++i)
    ASSERT_EQ(foreground(), i * 50ms);
  now += 1s;
  EXPECT_EQ(foreground(), 1050ms); // each keeps its turn
}

TEST_F(ThrottleTest, WhatWouldWaitForMoreThanAMinuteIsRefused)
{
  for (int i = 0; i < 100 + 60 * 20; ++i)
    ASSERT_TRUE(foreground().has_value());
  EXPECT_FALSE(foreground().has_value());
  EXPECT_FALSE(foreground().has_value()); // a refusal takes no turn
  now += 50ms;
  EXPECT_EQ(foreground(), 60s);
}

TEST_F(ThrottleTest, TheForegroundAndTheBackgroundDoNotWaitForEachOther)
{
  for (int i = 0; i < 200; ++i)
    (void)foreground();
  EXPECT_EQ(background(), 0s);
  for (int i = 0; i < 100; ++i)
    (void)background("other");
  EXPECT_EQ(foreground("other"), 0s);
}

TEST_F(ThrottleTest, EndpointsDoNotShare)
{
  for (int i = 0; i < 8; ++i)
    (void)background("a");
  for (int i = 0; i < 100; ++i)
    (void)foreground("a");
  EXPECT_EQ(background("b"), 0s);
  EXPECT_EQ(foreground("b"), 0s);
}

TEST_F(ThrottleTest, AnEmptyNameIsNotLimited)
{
  for (int i = 0; i < 5000; ++i) {
    ASSERT_EQ(background(""), 0s);
    ASSERT_EQ(foreground(""), 0s);
  }
}

TEST_F(ThrottleTest, WhatIsIdleIsForgottenAndWhatIsNotIsKept)
{
  for (int i = 0; i < 8; ++i)
    (void)background();
  now += 1h;
  throttle.forget_idle(now); // eight are still on their way
  EXPECT_EQ(background(), 1s);
  for (int i = 0; i < 101; ++i)
    (void)foreground("used");
  throttle.forget_idle(now);
  EXPECT_EQ(foreground("used"), 100ms);
}

} // namespace
} // namespace purser
