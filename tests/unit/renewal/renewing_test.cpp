#include "tests/unit/renewal/renewing_fixture.hpp"

namespace purser::test {
namespace {

struct RenewingTest : RenewingFixture {};

TEST_F(RenewingTest, AThousandMissesShareOneFetch)
{
  std::vector<std::shared_ptr<Client>> clients;
  clients.reserve(1000);
  for (int i = 0; i < 1000; ++i)
    clients.push_back(ask());
  clock.advance(1s);
  for (const auto& client : clients)
    ASSERT_EQ(client->answer, "a-1");
  EXPECT_EQ(fetches.size(), 1U);
}

TEST_F(RenewingTest, KeysDoNotShare)
{
  EXPECT_EQ(get("a"), "a-1");
  EXPECT_EQ(get("b"), "b-2");
  EXPECT_EQ(get("a"), "a-1");
}

TEST_F(RenewingTest, WhatIsInUseIsRenewedWithoutBeingAskedFor)
{
  get();
  clock.advance(6h);
  EXPECT_EQ(fetches.size(), 2U);
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, TheOldValueIsServedWhileTheNewOneIsFetched)
{
  get();
  latency = 30s;
  clock.advance(5h + 24min);
  EXPECT_EQ(fetches.size(), 2U);
  EXPECT_EQ(ask()->answer, "a-1");
  clock.advance(30s);
  EXPECT_EQ(ask()->answer, "a-2");
}

TEST_F(RenewingTest, WhatNobodyUsesIsLeftToDie)
{
  life = 60s;
  get();
  clock.advance(1h);
  const auto renewals = fetches.size();
  clock.advance(1h);
  EXPECT_EQ(fetches.size(), renewals);
  EXPECT_LE(renewals, 6U);
  EXPECT_FALSE(values.held("a").has_value());
  EXPECT_FALSE(values.in_use());
}

TEST_F(RenewingTest, AnOutageIsInvisibleUntilTheValueDies)
{
  get();
  trouble = Error(Errc::transient, "scripted outage");
  for (int hour = 1; hour < 12; ++hour) {
    clock.advance(1h - latency);
    ASSERT_EQ(get(), "a-1") << hour;
    clock.advance(latency);
  }
  clock.advance(1h);
  EXPECT_EQ(get(), "scripted outage");
  trouble.reset();
  clock.advance(1min);
  EXPECT_TRUE(get().starts_with("a-"));
}

TEST_F(RenewingTest, ADyingValueIsAwaitedALittleAndThenServed)
{
  life = 100s;
  get(); // critical from 85 s, dead from 90 s
  trouble = Error(Errc::transient, "scripted outage");
  latency = 3s;
  clock.advance(84s);
  const auto client = ask();
  EXPECT_EQ(client->answer, "(waiting)");
  clock.advance(3s);
  EXPECT_EQ(client->answer, "a-1");
}

TEST_F(RenewingTest, ADeadValueIsNeverServed)
{
  life = 100s;
  get();
  trouble = Error(Errc::transient, "scripted outage");
  clock.advance(89s);
  EXPECT_EQ(get(), "scripted outage");
}

TEST_F(RenewingTest, AFailureIsAnsweredFromMemory)
{
  trouble = Error(Errc::rejected, "scripted refusal");
  EXPECT_EQ(get(), "scripted refusal");
  EXPECT_EQ(ask()->answer, "scripted refusal");
  EXPECT_EQ(fetches.size(), 1U);
  trouble.reset();
  clock.advance(3s); // the wait of the first failure at u = 0.5
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, ForgivenFailuresAreTriedAgainAtOnce)
{
  trouble = Error(Errc::rejected, "scripted refusal");
  get();
  trouble.reset();
  values.forgive();
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, TheOtherSidesWaitIsKept)
{
  trouble = Error(Errc::throttled, "scripted throttling", 40s);
  get();
  trouble.reset();
  clock.advance(30s);
  EXPECT_EQ(ask()->answer, "scripted throttling");
  clock.advance(10s);
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, AClientThatLeavesDoesNotStopTheFetch)
{
  const auto gone = ask();
  gone->leave.emit(asio::cancellation_type::terminal);
  clock.advance(1s);
  EXPECT_EQ(gone->answer, "(waiting)");
  EXPECT_EQ(ask()->answer, "a-1");
  EXPECT_EQ(fetches.size(), 1U);
}

TEST_F(RenewingTest, AnImpatientClientIsToldAndTheFetchGoesOn)
{
  latency = 20s;
  const auto client = ask("a", Demand(5s));
  clock.advance(5s);
  EXPECT_EQ(client->answer, "no answer of issuer within 5 s");
  clock.advance(15s);
  EXPECT_EQ(ask()->answer, "a-1");
}

TEST_F(RenewingTest, AFetchThatThrowsFailsItsWaitersAndIsTriedAgain)
{
  buggy = true;
  const auto first = ask();
  const auto second = ask();
  clock.advance(1s);
  EXPECT_EQ(first->answer, "scripted bug");
  EXPECT_EQ(second->answer, "scripted bug");
  buggy = false;
  clock.advance(1min);
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, AHangingFetchEnds)
{
  latency = 10h;
  ask();
  clock.advance(60s);
  latency = 1s;
  clock.advance(1min);
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, EraseForcesANewFetch)
{
  get();
  values.erase("a");
  EXPECT_EQ(get(), "a-2");
}

TEST_F(RenewingTest, EraseDuringAFlightDoesNotResurrect)
{
  const auto before = ask();
  values.erase("a");
  const auto after = ask();
  EXPECT_EQ(fetches.size(), 1U); // one at a time, also now
  clock.advance(1s);
  EXPECT_EQ(before->answer, "a-1");
  EXPECT_EQ(after->answer, "(waiting)");
  clock.advance(1s);
  EXPECT_EQ(after->answer, "a-2");
  EXPECT_EQ(values.held("a"), "a-2");
}

TEST_F(RenewingTest, WithoutItsSourceAValueIsNotRenewedUntilSomebodyAsks)
{
  get();
  trouble = Error(Errc::expired_source, "the source is gone");
  clock.advance(11h);
  EXPECT_EQ(fetches.size(), 2U);
  EXPECT_EQ(ask()->answer, "a-1");
  EXPECT_EQ(fetches.size(), 3U);
}

TEST_F(RenewingTest, TheSameValueAgainIsNotAskedForInALoop)
{
  get();
  life = 1h; // whatever comes now ends earlier than what is held
  clock.advance(10h + 50min);
  EXPECT_GT(fetches.size(), 2U);
  EXPECT_LT(fetches.size(), 100U); // every five minutes at most
  EXPECT_EQ(ask()->answer, "a-1");
}

TEST_F(RenewingTest, AValueThatComesDeadIsAnError)
{
  life = 1s;
  latency = 2s;
  EXPECT_EQ(get(), "the token that came was already at its end");
}

TEST_F(RenewingTest, TheLeastRecentlyUsedKeyMakesRoom)
{
  for (const char* key : {"a", "b", "c", "d"}) {
    get(key);
    clock.advance(1s);
  }
  get("a");
  get("e");
  EXPECT_TRUE(values.held("a").has_value());
  EXPECT_FALSE(values.held("b").has_value());
}

} // namespace
} // namespace purser::test
