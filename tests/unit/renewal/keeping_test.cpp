#include "tests/unit/renewal/renewing_fixture.hpp"

#include <memory>
#include <set>

// What erase, a refusal, a forced renewal, a sleep and a restart do to what is held.
namespace purser::test {
namespace {

struct KeepingTest : RenewingFixture {
  KeepingTest() : RenewingFixture(2000) {}

  void erase_if_it_is(const std::string& value)
  {
    values.erase_if("a", [&value](const std::string& held) { return held == value; });
    clock.run();
  }
  // 0, 1/n, 2/n ...: all there is of chance, evenly.
  void draw_evenly(int n)
  {
    uniform = [n, i = 0]() mutable { return static_cast<double>(i++ % n) / n; };
  }
  static std::string key(int n) { return std::to_string(n); }
};

TEST_F(KeepingTest, ARefusedValueIsForgotten)
{
  get();
  erase_if_it_is("a-1");
  EXPECT_EQ(get(), "a-2");
}

TEST_F(KeepingTest, TheRefusalOfAnOldValueLeavesTheNewOne)
{
  get();
  values.erase("a");
  get();
  erase_if_it_is("a-1");
  EXPECT_EQ(get(), "a-2");
  EXPECT_EQ(fetches.size(), 2U);
}

TEST_F(KeepingTest, TheSuccessorOfARefusedValueStays)
{
  get();
  latency = 5s;
  clock.advance(5h + 24min - 1s); // due: its successor is on its way
  ASSERT_EQ(fetches.size(), 2U);
  erase_if_it_is("a-1");
  const auto client = ask();
  EXPECT_EQ(client->answer, "(waiting)");
  clock.advance(5s);
  EXPECT_EQ(client->answer, "a-2");
  EXPECT_EQ(fetches.size(), 2U);
}

TEST_F(KeepingTest, ARefusalWhereNothingIsHeldForgetsNoFailure)
{
  fail_with(Errc::rejected);
  get();
  erase_if_it_is("a-0");
  ask();
  EXPECT_EQ(fetches.size(), 1U);
}

TEST_F(KeepingTest, AForcedRenewalBringsANewValue)
{
  get();
  const auto client = renew();
  EXPECT_EQ(ask()->answer, "a-1"); // the old one meanwhile
  clock.advance(1s);
  EXPECT_EQ(client->answer, "a-2");
  EXPECT_EQ(ask()->answer, "a-2");
}

TEST_F(KeepingTest, AForcedRenewalThatFailsLeavesTheOldValue)
{
  get();
  fail_with(Errc::rejected, "scripted refusal");
  const auto client = renew();
  clock.advance(1s);
  EXPECT_EQ(client->answer, "scripted refusal");
  EXPECT_EQ(ask()->answer, "a-1");
}

TEST_F(KeepingTest, AForcedRenewalJoinsTheOneThatIsOnItsWay)
{
  latency = 5s;
  const auto first = ask();
  clock.advance(1s);
  const auto second = renew();
  clock.advance(4s);
  EXPECT_EQ(first->answer, "a-1");
  EXPECT_EQ(second->answer, "a-1");
  EXPECT_EQ(fetches.size(), 1U);
}

TEST_F(KeepingTest, AForcedRenewalDoesNotWaitForTheBackOff)
{
  trouble = Error(Errc::throttled, "scripted throttling", 10min);
  get();
  recover();
  const auto client = renew();
  clock.advance(1s);
  EXPECT_EQ(client->answer, "a-2");
}

TEST_F(KeepingTest, AForcedRenewalAfterAnEraseIsNotGivenTheErasedValue)
{
  ask();
  values.erase("a");
  const auto client = renew();
  clock.advance(2s);
  EXPECT_EQ(client->answer, "a-2");
}

// The issuer keeps one token until its end and hands that out, as some do.
TEST_F(KeepingTest, TheLastSecondsOfADeadValueAreNotHandedOut)
{
  life = 1h; // dead when 30 s are left
  get();
  fail_with(Errc::transient);
  clock.advance(1h - 41s);
  recover();
  latency = 15s;
  life = 40s; // ends with the old one, with a floor of four seconds
  const auto client = renew("a", 20s);
  clock.advance(15s);
  EXPECT_NE(client->answer, "a-1");
  EXPECT_EQ(client->answer, values.held("a"));
}

TEST_F(KeepingTest, WhatIsHeldComesBackInANewObject)
{
  get();
  clock.advance(2h);
  const auto holdings = values.holdings();
  ASSERT_EQ(holdings.size(), 1U);
  const Lifetime life_before = view().life.value();

  values.erase("a");
  values.restore(holdings);
  EXPECT_EQ(ask()->answer, "a-1");
  EXPECT_EQ(view().life->expires_at, life_before.expires_at);
  EXPECT_EQ(view().life->renew_at, life_before.renew_at);
  EXPECT_EQ(fetches.size(), 1U);
  clock.advance(4h);
  EXPECT_EQ(ask()->answer, "a-2");
}

TEST_F(KeepingTest, WhatIsDeadIsNeitherKeptNorBroughtBack)
{
  life = 100s;
  get();
  const auto holdings = values.holdings();
  values.erase("a");
  fail_with(Errc::transient);
  clock.advance(90s);
  EXPECT_TRUE(values.holdings().empty());
  values.restore(holdings);
  EXPECT_FALSE(values.held("a").has_value());
}

TEST_F(KeepingTest, WhatNobodyUsedBeforeARestartIsNotRenewedAfterIt)
{
  life = 24h;
  get();
  auto holdings = values.holdings();
  values.erase("a");
  clock.advance(1min);
  holdings.front().last_used = BootTime{} - 23h;
  values.restore(holdings);
  clock.advance(23h);
  EXPECT_EQ(fetches.size(), 1U);
}

TEST_F(KeepingTest, WhatIsDueAfterARestartIsRenewedALittleLaterAndNotAllAtOnce)
{
  std::list<Holding<std::string, std::string>> holdings;
  const BootTime obtained = clock.now();
  clock.advance(7h);
  for (int n = 0; n < 20; ++n)
    holdings.emplace_back(key(n) + ":x", "kept", draw_lifetime(obtained, 12h, 0.5), clock.now());
  draw_evenly(20);
  latency = 1ms;
  values.restore(holdings);
  const BootTime start = clock.now();
  clock.advance(10s);
  EXPECT_EQ(fetches.size(), 20U); // within 20 quarters of a second
  for (int second = 0; second < 5; ++second)
    EXPECT_LE(fetches_within(start + second * 1s, 1s), 5U) << second;
}

struct SmallRestoreTest : RenewingFixture {};

TEST_F(SmallRestoreTest, TheLeastRecentlyUsedBeforeARestartMakesRoomAfterIt)
{
  std::list<Holding<std::string, std::string>> holdings;
  clock.advance(1h);
  const Lifetime life_of_all = draw_lifetime(clock.now(), 12h, 0.5);
  for (const char* name : {"a", "b", "c", "d", "e"}) // the last in order was used first
    holdings.emplace_back(name, "kept", life_of_all, clock.now() - (name[0] - 'a') * 1min);
  values.restore(holdings);
  EXPECT_FALSE(values.held("e").has_value()); // there is room for four
  get("f");
  EXPECT_FALSE(values.held("d").has_value());
  EXPECT_TRUE(values.held("a").has_value());
}

TEST_F(KeepingTest, AfterASleepNothingDeadIsServedAndWhatIsDueIsRenewedSpread)
{
  latency = 1ms;
  for (int n = 0; n < 100; ++n)
    get(key(n) + ":x"); // an endpoint each: it is not that limit that is seen here
  life = 1h;
  for (int n = 0; n < 100; ++n)
    get(key(n) + ":short");
  fetches.clear();
  draw_evenly(100);
  clock.suspend(7h);
  const auto late = ask("0:short"); // before any timer
  clock.advance(0s);
  EXPECT_EQ(late->answer, "(waiting)");
  const BootTime resumed = clock.now();
  clock.advance(1min);
  EXPECT_NE(late->answer, "(waiting)");
  EXPECT_EQ(fetches.size(), 101U); // the dead ones wait until somebody asks
  for (int second = 0; second < 25; ++second)
    EXPECT_LE(fetches_within(resumed + second * 1s, 1s), 6U) << second;
  EXPECT_EQ(values.tally().resumed, 1U);
}

TEST_F(KeepingTest, WhoAsksAfterASleepIsNotHeldUpByTheSpread)
{
  for (int n = 0; n < 100; ++n)
    get(key(n) + ":x");
  uniform = [] { return 0.999; };
  clock.suspend(12h);
  clock.advance(0s);
  EXPECT_EQ(get("7:x"), "7:x-101");
}

TEST_F(KeepingTest, WhatDiesWhileItIsPutOffIsWipedWhenItDies)
{
  life = 100s; // due at 57.5 s, dead from 90 s
  latency = 1ms;
  for (int n = 0; n < 200; ++n)
    ask(key(n) + ":x");
  clock.advance(1s);
  uniform = [] { return 0.999; };
  clock.suspend(84s); // 85 s
  clock.advance(6s);
  EXPECT_FALSE(values.held("7:x").has_value());
}

} // namespace
} // namespace purser::test
