#include "daemon/renewal/policy.hpp"

#include <gtest/gtest.h>

#include <array>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr BootTime k_start{100h};

// Every length of life that an issuer may give, and some that none should.
constexpr std::array<Duration, 12> k_lives{1ms,  1s,    15s, 59s, 60s, 61s,
                                           5min, 59min, 1h,  3h,  12h, 24h};

TEST(Policy, ATokenOfTwelveHoursIsRenewedBetweenFortyAndFiftyPercent)
{
  EXPECT_EQ(draw_lifetime(k_start, 12h, 0.0).renew_at, k_start + 288min);
  EXPECT_EQ(draw_lifetime(k_start, 12h, 0.5).renew_at, k_start + 324min);
  EXPECT_LT(draw_lifetime(k_start, 12h, 0.999999).renew_at, k_start + 360min);
}

TEST(Policy, AShortTokenIsRenewedInTheMiddleOfItsLife)
{
  EXPECT_EQ(draw_lifetime(k_start, 300s, 0.0).renew_at, k_start + 150s);
  EXPECT_EQ(draw_lifetime(k_start, 60s, 0.0).renew_at, k_start + 30s);
  EXPECT_EQ(draw_lifetime(k_start, 60s, 0.0).hard_window(), 15s);
}

TEST(Policy, ALifeIsCutAtADay)
{
  EXPECT_EQ(draw_lifetime(k_start, 1000h, 0.3).expires_at, k_start + 24h);
}

// The states follow one another and nothing is served at its end, whatever the life.
TEST(Policy, StatesComeInOrderForEveryLife)
{
  for (const Duration life : k_lives) {
    for (const double u : {0.0, 0.37, 0.999}) {
      const Lifetime drawn = draw_lifetime(k_start, life, u);
      auto before = Freshness::fresh;
      for (int step = 0; step <= 1000; ++step) {
        const auto now = freshness(drawn, k_start + life * step / 1000);
        ASSERT_GE(static_cast<int>(now), static_cast<int>(before)) << life.count();
        before = now;
      }
      EXPECT_EQ(freshness(drawn, k_start), Freshness::fresh);
      EXPECT_EQ(freshness(drawn, drawn.expires_at - drawn.serve_floor()), Freshness::expired);
      EXPECT_LE(drawn.renew_at, drawn.expires_at - drawn.hard_window());
    }
  }
}

TEST(Policy, TheBackOffGrowsUpToItsCapAndNeverVanishes)
{
  EXPECT_EQ(back_off(0, 8h, std::nullopt, 0.0), 500ms);
  EXPECT_EQ(back_off(3, 8h, std::nullopt, 0.0), 4s);
  EXPECT_EQ(back_off(30, 8h, std::nullopt, 0.0), 150s);
  EXPECT_EQ(back_off(30, 80s, std::nullopt, 0.0), 5s);
  EXPECT_EQ(back_off(30, 0s, std::nullopt, 0.0), 30s);
  for (unsigned n = 0; n < 100; ++n)
    EXPECT_GE(back_off(n, 1s, std::nullopt, 0.0), 250ms);
}

TEST(Policy, TheOtherSidesWordOnWaitingCountsWithinReason)
{
  EXPECT_EQ(back_off(0, 8h, 40s, 0.0), 40s);
  EXPECT_EQ(back_off(0, 8h, 999999s, 0.0), 1h);
  EXPECT_EQ(back_off(0, 8h, 0s, 0.0), 1s);
}

TEST(Policy, AFailureThatSomebodyMustMendIsRememberedForAMinuteAtMost)
{
  EXPECT_EQ(negative_wait(0, 0.0), 1s);
  EXPECT_EQ(negative_wait(1, 0.5), 6s);
  EXPECT_EQ(negative_wait(20, 0.5), 60s);
}

TEST(Policy, InterestLastsTwoLivesWithinBounds)
{
  EXPECT_EQ(interest_window(30s), 2min);
  EXPECT_EQ(interest_window(1h), 2h);
  EXPECT_EQ(interest_window(12h), 24h);
  EXPECT_EQ(interest_window(100h), 24h);
}

} // namespace
} // namespace purser
