#include "tests/unit/renewal/renewing_fixture.hpp"

// How much of a life is left of what askers are given.
namespace purser::test {
namespace {

struct MinRemainingTest : RenewingFixture {
  ClientPtr ask_for(Duration remaining) { return ask("a", Demand(8500ms, remaining)); }
};

TEST_F(MinRemainingTest, WhoWantsMoreThanIsLeftWaitsForASuccessor)
{
  get();
  clock.advance(4h);
  const auto client = ask_for(9h); // eight are left
  EXPECT_EQ(client->answer, "(waiting)");
  clock.advance(1s);
  EXPECT_EQ(client->answer, "a-2");
}

TEST_F(MinRemainingTest, WhoWantsWhatIsLeftIsServedAtOnce)
{
  get();
  clock.advance(4h);
  EXPECT_EQ(ask_for(7h)->answer, "a-1");
  EXPECT_EQ(fetches.size(), 1U);
}

TEST_F(MinRemainingTest, WhoSaysNothingWantsHalfOfALongLife)
{
  uniform = [] { return 0.999; };
  latency = 30s;
  get();
  clock.advance(6h - 29s);
  EXPECT_EQ(ask()->answer, "(waiting)"); // the renewal is on its way
}

TEST_F(MinRemainingTest, TwoSecondsAreWaitedForALongerLife)
{
  get();
  latency = 3s;
  clock.advance(4h);
  const auto client = ask_for(9h);
  clock.advance(1999ms);
  EXPECT_EQ(client->answer, "(waiting)");
  clock.advance(1ms);
  EXPECT_EQ(client->answer, "a-1");
}

TEST_F(MinRemainingTest, WhoHasLessPatienceIsServedSooner)
{
  get();
  latency = 3s;
  clock.advance(4h);
  const auto client = ask("a", Demand(500ms, 9h));
  clock.advance(500ms);
  EXPECT_EQ(client->answer, "a-1");
}

TEST_F(MinRemainingTest, OnceTheIssuerHasFailedNobodyWaitsForALongerLife)
{
  get();
  fail_with(Errc::transient);
  clock.advance(4h);
  const auto first = ask_for(9h);
  clock.advance(1s);
  EXPECT_EQ(first->answer, "a-1");
  EXPECT_EQ(ask_for(9h)->answer, "a-1");
  EXPECT_EQ(fetches.size(), 2U);
}

TEST_F(MinRemainingTest, AnIssuerWithNothingNewerIsNotAskedByEachClient)
{
  get();
  clock.advance(4h);
  life = 8h - 1s; // the same one again
  const auto first = ask_for(9h);
  clock.advance(1s);
  EXPECT_EQ(first->answer, "a-1");
  EXPECT_EQ(ask_for(9h)->answer, "a-1");
  EXPECT_EQ(fetches.size(), 2U);
}

TEST_F(MinRemainingTest, TheSuccessorIsRenewedInTimeForTheMostThatWasWanted)
{
  get();
  ask_for(8h);
  ask_for(2h);
  clock.advance(6h); // renewed by now
  ASSERT_EQ(fetches.size(), 2U);
  const Lifetime second = view().life.value();
  EXPECT_GE(second.expires_at - second.renew_at, 8h);
}

TEST_F(MinRemainingTest, WhatWasWantedOfOneValueIsForgottenWithIt)
{
  get();
  ask_for(8h);
  clock.advance(6h);
  ask();
  clock.advance(5h);
  ASSERT_EQ(fetches.size(), 3U);
  const Lifetime third = view().life.value();
  EXPECT_LT(third.expires_at - third.renew_at, 8h);
}

} // namespace
} // namespace purser::test
