#include "tests/unit/renewal/renewing_fixture.hpp"

#include <numeric>

// What is counted.
namespace purser::test {
namespace {

struct TallyTest : RenewingFixture {
  [[nodiscard]] const RenewalTally& tally() const { return values.tally(); }
  [[nodiscard]] std::uint64_t served(Freshness state) const
  {
    return tally().served.at(static_cast<std::size_t>(state));
  }
};

TEST(Histogram, CountsUpToEachBoundAndAboveTheLast)
{
  Histogram<2> histogram{{1.0, 2.0}};
  for (const double value : {0.5, 1.0, 1.5, 7.0})
    histogram.observe(value);
  EXPECT_EQ(histogram.counts, (std::array<std::uint64_t, 3>{2, 1, 1}));
  EXPECT_EQ(histogram.sum, 10.0);
}

TEST_F(TallyTest, AMissAndThoseWhoJoinIt)
{
  for (int i = 0; i < 3; ++i)
    ask();
  clock.advance(1s);
  EXPECT_EQ(tally().misses, 3U);
  EXPECT_EQ(tally().coalesced, 2U);
  EXPECT_EQ(tally().awaited, 3U);
  EXPECT_EQ(tally().foreground, 1U);
  EXPECT_EQ(tally().background, 0U);
  EXPECT_EQ(tally().succeeded, 1U);
}

TEST_F(TallyTest, WhatIsServedByItsState)
{
  life = 100s; // due at 57.5 s, critical at 85 s, dead at 90 s
  get();
  fail_with(Errc::transient);
  clock.advance(49s);
  ask();
  clock.advance(20s);
  ask();
  clock.advance(16s); // 86 s
  latency = 0s;
  ask();
  clock.advance(0s);
  EXPECT_EQ(served(Freshness::fresh), 1U);
  EXPECT_EQ(served(Freshness::due), 1U);
  EXPECT_EQ(served(Freshness::critical), 1U);
  EXPECT_EQ(tally().least_remaining, 14s);
  EXPECT_EQ(tally().remaining.counts[4], 1U); // 0.5
  EXPECT_EQ(tally().remaining.counts[2], 1U); // 0.3
  EXPECT_EQ(tally().remaining.counts[1], 1U); // 0.14
}

TEST_F(TallyTest, WhatIsServedToWhoWantedMoreIsWhatItIs)
{
  get();
  life = 1h; // nothing newer
  clock.advance(4h);
  ask("a", Demand(8500ms, 9h));
  clock.advance(1s);
  ask("a", Demand(8500ms, 9h));
  EXPECT_EQ(served(Freshness::fresh), 1U);
  EXPECT_EQ(served(Freshness::critical), 0U);
}

TEST_F(TallyTest, FailuresAndRefusalsByTheirKind)
{
  fail_with(Errc::rejected);
  get();
  ask();
  EXPECT_EQ(tally().failed.at(Errc::rejected), 1U);
  EXPECT_EQ(tally().refused.at(Errc::rejected), 2U);
}

TEST_F(TallyTest, TheAgeAtRenewalAndTheTimeThatAFetchTakes)
{
  get();
  clock.advance(6h);
  EXPECT_EQ(tally().background, 1U);
  EXPECT_EQ(tally().age_at_renewal.counts[4], 1U); // 0.45
  EXPECT_EQ(tally().fetch_seconds.counts[4], 2U);  // 1 s each
}

// Due after 50 s, critical after 85 s, dead after 90 s.
TEST_F(TallyTest, TheTimeInEachStateSurvivesTheValueAndTheSlot)
{
  uniform = [] { return 0.0; };
  life = 100s;
  get();
  fail_with(Errc::transient);
  clock.advance(59s);
  EXPECT_EQ(view().times.due, 10s);
  clock.advance(40s); // 100 s: dead for ten
  EXPECT_EQ(view().times.due, 35s);
  EXPECT_EQ(view().times.critical, 5s);
  EXPECT_EQ(view().times.expired, 10s);
  EXPECT_EQ(tally().times.due, 0s);
  clock.advance(1h);
  EXPECT_FALSE(values.view("a").has_value());
  EXPECT_EQ(tally().times.due, 35s);
  EXPECT_EQ(tally().times.critical, 5s);
}

// An erased value is in no state.
TEST_F(TallyTest, NoTimeIsCountedForWhatWasErased)
{
  uniform = [] { return 0.0; };
  life = 100s;
  get();
  latency = 30s;
  clock.advance(58s); // 59 s: due, and the renewal is on its way
  values.erase("a");
  clock.advance(30s);
  EXPECT_EQ(tally().times.due, 9s);
  EXPECT_EQ(tally().times.critical, 0s);
}

TEST_F(TallyTest, AttemptsAndFailuresOfAKey)
{
  get();
  fail_with(Errc::transient);
  clock.advance(5h + 24min);
  const RenewalView failing = view();
  EXPECT_EQ(failing.attempts, 2U);
  EXPECT_EQ(failing.failures, 1U);
  EXPECT_EQ(failing.last_error->what, "scripted outage");
  EXPECT_EQ(failing.last_try, BootTime{} + 5h + 24min);
  ASSERT_TRUE(failing.next_try.has_value());
  recover();
  clock.advance(1min);
  EXPECT_FALSE(view().last_error.has_value());
  EXPECT_FALSE(view().next_try.has_value());
  EXPECT_EQ(view().failures, 1U);
}

} // namespace
} // namespace purser::test
