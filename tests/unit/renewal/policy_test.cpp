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

// A client of min_remaining is given that much, unless it is so much that nothing would be left
// to obtain the next.
TEST(Policy, HalfOfALongLifeIsGrantedWhereNothingIsSaid)
{
  EXPECT_EQ(granted(draw_lifetime(k_start, 12h, 0.0), std::nullopt), 6h);
  EXPECT_EQ(granted(draw_lifetime(k_start, 1h, 0.0), std::nullopt), 30min);
  EXPECT_EQ(granted(draw_lifetime(k_start, 59min, 0.0), std::nullopt), 0s);
}

TEST(Policy, WhatIsWantedIsGrantedUpToThreeQuarters)
{
  const Lifetime life = draw_lifetime(k_start, 12h, 0.0);
  EXPECT_EQ(granted(life, 0s), 0s);
  EXPECT_EQ(granted(life, 8h), 8h);
  EXPECT_EQ(granted(life, 11h), 9h);
  EXPECT_EQ(granted(draw_lifetime(k_start, 60s, 0.0), 5min), 45s);
}

TEST(Policy, AValueIsRenewedBeforeLessIsLeftThanIsWanted)
{
  for (const Duration life : k_lives) {
    for (const Duration wanted : {Duration(0s), Duration(30s), Duration(5min), Duration(10h)}) {
      for (const double u : {0.0, 0.37, 0.999}) {
        const Lifetime drawn = draw_lifetime(k_start, life, u, wanted);
        EXPECT_GE(drawn.expires_at - drawn.renew_at, granted(drawn, wanted)) << life.count();
        EXPECT_LE(drawn.renew_at, draw_lifetime(k_start, life, u).renew_at);
        EXPECT_GE(drawn.renew_at, k_start + drawn.length() / 5 - 1ns); // not in a storm either
      }
    }
  }
}

TEST(Policy, WhatIsWantedOfManyIsNotRenewedTogether)
{
  const auto renewed_at = [](double u) { return draw_lifetime(k_start, 12h, u, 8h).renew_at; };
  EXPECT_EQ(renewed_at(0.0), k_start + 192min); // four fifths of the four hours before
  EXPECT_EQ(renewed_at(0.5), k_start + 216min);
}

TEST(Policy, TheTimeInEachStateIsThatOfItsPartOfTheLife)
{
  const Lifetime life = draw_lifetime(k_start, 100s, 0.0); // due 50 s, critical 85 s, dead 90 s
  const StateTimes all = times_between(life, k_start, k_start + 2min);
  EXPECT_EQ(all.due, 35s);
  EXPECT_EQ(all.critical, 5s);
  EXPECT_EQ(all.expired, 30s);
  const StateTimes some = times_between(life, k_start + 60s, k_start + 87s);
  EXPECT_EQ(some.due, 25s);
  EXPECT_EQ(some.critical, 2s);
  EXPECT_EQ(some.expired, 0s);
  EXPECT_EQ(times_between(life, k_start, k_start + 50s).due, 0s);
}

TEST(Policy, TimesAddUp)
{
  StateTimes times{4s, 1s, 2s, 3s};
  times += StateTimes{40s, 10s, 20s, 30s};
  EXPECT_EQ(times.fresh, 44s);
  EXPECT_EQ(times.due, 11s);
  EXPECT_EQ(times.critical, 22s);
  EXPECT_EQ(times.expired, 33s);
}

TEST(Policy, WhatIsDueTogetherIsSpreadOverAQuarterOfASecondEachAndHalfAMinuteAtMost)
{
  EXPECT_EQ(spread(0, 0.999), 0s);
  EXPECT_EQ(spread(1, 0.5), 125ms);
  EXPECT_EQ(spread(40, 0.5), 5s);
  EXPECT_EQ(spread(4096, 0.5), 15s);
  EXPECT_EQ(spread(4096, 0.0), 0s);
  EXPECT_LT(spread(1000000, 0.999999), 30s);
}

} // namespace
} // namespace purser
