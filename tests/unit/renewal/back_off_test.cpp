#include "tests/unit/renewal/renewing_fixture.hpp"

// What failures cost: the issuer in attempts, the askers in waiting.
namespace purser::test {
namespace {

struct BackOffTest : RenewingFixture {
  // Asks each `interval` for `length`.
  void ask_for(Duration length, Duration interval)
  {
    for (const BootTime end = clock.now() + length; clock.now() < end;) {
      last = ask();
      clock.advance(interval);
    }
  }
  ClientPtr last;
};

TEST_F(BackOffTest, WaitsForWhatSomebodyMustMendDoubleWhileItIsAskedFor)
{
  fail_with(Errc::rejected);
  ask_for(3min, 100ms);
  // u = 0.5: 3, 6, 12, 24, 48, 60, 60 s after each failure, which itself takes a second.
  ASSERT_EQ(fetches.size(), 7U);
  EXPECT_NEAR(static_cast<double>((fetches[1] - fetches[0]).count()), 4e9, 2e8);
  EXPECT_NEAR(static_cast<double>((fetches[3] - fetches[2]).count()), 13e9, 2e8);
  EXPECT_NEAR(static_cast<double>((fetches[6] - fetches[5]).count()), 61e9, 2e8);
}

TEST_F(BackOffTest, FailuresAreForgottenFiveMinutesAfterTheLastWait)
{
  fail_with(Errc::rejected);
  get();
  clock.advance(3s + 5min - 1s);
  EXPECT_EQ(view().failures, 1U);
  clock.advance(1s);
  EXPECT_FALSE(values.view("a").has_value());
}

TEST_F(BackOffTest, WhoWaitsForAnythingPullsTheNextAttemptForward)
{
  fail_with(Errc::transient);
  ask_for(1min, 100ms);
  // Two seconds after the last began, and no sooner.
  EXPECT_GE(fetches.size(), 25U);
  EXPECT_LE(fetches.size(), 31U);
}

TEST_F(BackOffTest, NobodyIsAskedBeforeTheTimeThatItNamed)
{
  trouble = Error(Errc::throttled, "scripted throttling", 40s);
  ask_for(41s, 100ms);
  EXPECT_EQ(fetches.size(), 1U);
}

// 1000 s of life: critical from 900 s. The waits are of seven seconds and more until 928 s.
TEST_F(BackOffTest, AWaitIsCutShortOnceForThoseWhoHoldADyingValue)
{
  life = 1000s;
  get();
  fail_with(Errc::transient);
  clock.advance(899s);
  int cut_short = 0;
  for (int i = 0; i < 280; ++i) {
    const auto next_try = view().next_try;
    const auto before = fetches.size();
    ask();
    if (fetches.size() > before && next_try && clock.now() < *next_try) ++cut_short;
    clock.advance(100ms);
  }
  EXPECT_EQ(cut_short, 1);
}

TEST_F(BackOffTest, ADyingValueIsServedWhileItLives)
{
  life = 100s; // critical from 85 s, dead from 90 s
  get();
  fail_with(Errc::transient);
  latency = 20s;
  clock.advance(86s); // 87 s
  const auto client = ask();
  clock.advance(3s);
  EXPECT_EQ(client->answer, "a-1"); // the fetch has not come back, and it is about to die
}

TEST_F(BackOffTest, WhoAskedWhileItLivedIsNotTurnedAwayWhenItDiesSooner)
{
  life = 100s;
  get();
  latency = 20s;
  fail_with(Errc::transient);
  clock.advance(88900ms); // 89.9 s
  EXPECT_EQ(ask()->answer, "a-1");
}

TEST_F(BackOffTest, InterestThatComesBackDuringAnOutageBringsTheNextTryBack)
{
  life = 24h;
  get(); // renewed after 10.8 h, due again after 21.6 h
  clock.advance(21h);
  trouble = Error(Errc::throttled, "scripted throttling", 30min);
  latency = 50s;
  clock.advance(3h - 31s);
  values.forgive();
  clock.advance(50s); // that attempt failed when nobody had used the value for a day
  const auto failed = fetches.size();
  recover();
  EXPECT_EQ(ask()->answer, "a-2");
  clock.advance(31min);
  EXPECT_EQ(fetches.size(), failed + 1);
}

} // namespace
} // namespace purser::test
