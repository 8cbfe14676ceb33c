#include "daemon/cache/placed_cache.hpp"
#include "tests/support/kept_cache.hpp"

#include <gtest/gtest.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

// A token of 12 hours and an override of 6, saved an hour after the token was sent.
struct PlacedCacheTest : testing::Test {
  SavedCache saved(bool same_boot) const
  {
    SavedCache cache(Moment{k_moment.boot + 1h, k_moment.wall + 1h}, same_boot, Secret("k"));
    cache.kept.tokens.push_back(kept_token(key, "prod", "fake"));
    cache.kept.overrides.push_back(kept_override(key, "a.example", "fake"));
    return cache;
  }
  // `later` after it was saved, on the same clock.
  KeptCache after(Duration later) const
  {
    return placed(saved(true), {k_moment.boot + 1h + later, k_moment.wall + 1h + later}).value();
  }
  // In another boot, `up` after that began.
  Result<KeptCache> after_boot(Duration later, Duration up = 1min) const
  {
    return placed(saved(false), {BootTime(up), k_moment.wall + 1h + later});
  }
  // What is left of the only token, from `up` after the boot; less than nothing where there is
  // none.
  static Duration left(const Result<KeptCache>& kept, Duration up = 1min)
  {
    if (!kept || kept->tokens.empty()) return -1s;
    return kept->tokens.at(0).life.expires_at - BootTime(up);
  }

  SealingKey key = SealingKey::random();
};

TEST_F(PlacedCacheTest, InOneBootTimesStayAsTheyAre)
{
  const auto kept = after(10h);
  ASSERT_EQ(kept.tokens.size(), 1U);
  EXPECT_EQ(kept.tokens[0].life.expires_at, k_moment.boot + 12h);
  EXPECT_EQ(kept.tokens[0].life.renew_at, k_moment.boot + 5h);
  EXPECT_TRUE(kept.overrides.empty()); // which lived 6 hours
  EXPECT_TRUE(after(11h).tokens.empty());
}

TEST_F(PlacedCacheTest, InOneBootTheCivilClockMayGoWhereItWants)
{
  for (const Duration step : {-24h * 365, 24h * 365}) {
    const auto kept = placed(saved(true), {k_moment.boot + 2h, k_moment.wall + step});
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->tokens.at(0).life.expires_at, k_moment.boot + 12h);
  }
}

TEST_F(PlacedCacheTest, InAnotherBootTheWholeLifeMovesOntoThisClock)
{
  const auto kept = after_boot(2h);
  ASSERT_TRUE(kept);
  const Lifetime& life = kept->tokens.at(0).life;
  EXPECT_EQ(life.expires_at - BootTime(1min), 12h - 1h - 2h);
  EXPECT_EQ(life.length(), 12h);
  EXPECT_EQ(life.expires_at - life.renew_at, 7h);
  EXPECT_EQ(life.expires_at - kept->tokens[0].last_used, 12h - 1min);
  EXPECT_EQ(kept->overrides.at(0).expires_at - BootTime(1min), 6h - 1h - 2h);
}

TEST_F(PlacedCacheTest, InAnotherBootMoreThanAMinuteMustBeLeft)
{
  EXPECT_EQ(left(after_boot(11h - 61s)), 61s);
  EXPECT_EQ(left(after_boot(11h - 60s)), -1s);
  EXPECT_EQ(left(after_boot(24h * 3650)), -1s); // or a clock that was set forward
}

TEST_F(PlacedCacheTest, AClockThatWasSetBackGivesNoLongerLife)
{
  EXPECT_EQ(left(after_boot(-5min)), 11h);
  const auto kept = after_boot(-5min - 1s);
  ASSERT_FALSE(kept);
  EXPECT_EQ(kept.error().what, "was saved in the future: the clock was set back");
  EXPECT_FALSE(after_boot(-24h * 3650));
}

// A restored machine or container: the same boot, and its clock is behind.
TEST_F(PlacedCacheTest, ABootClockThatIsBehindIsAnotherBoot)
{
  const auto kept = placed(saved(true), {BootTime(1min), k_moment.wall + 3h});
  EXPECT_EQ(left(kept), 9h);
}

TEST_F(PlacedCacheTest, NothingLivesLongerThanADay)
{
  SavedCache cache = saved(true);
  cache.kept.tokens[0].life.expires_at = k_moment.boot + 27h;
  const auto kept = placed(std::move(cache), {k_moment.boot + 2h, k_moment.wall});
  EXPECT_TRUE(kept && kept->tokens.empty());
}

TEST_F(PlacedCacheTest, TheLeastRecentlyUsedComesFirst)
{
  SavedCache cache = saved(true);
  cache.kept.tokens.push_back(kept_token(key, "older", "fake", k_moment.boot - 1h));
  const auto kept = placed(std::move(cache), {k_moment.boot + 1h, k_moment.wall});
  EXPECT_EQ(kept->tokens.at(0).identity, "older");
}

} // namespace
} // namespace purser::test
