#include "tests/unit/renewal/renewing_fixture.hpp"

#include <array>

// What the keys of one endpoint may ask of it together, and how many keys there may be.
namespace purser::test {
namespace {

struct LimitsTest : RenewingFixture {
  LimitsTest() : RenewingFixture(4096) {}

  static std::string key(int n, const std::string& endpoint = "issuer")
  {
    return endpoint + ":" + std::to_string(n);
  }
  void get_all(int keys, const std::string& endpoint = "issuer")
  {
    for (int n = 0; n < keys; ++n)
      ask(key(n, endpoint));
    clock.advance(1min);
  }
};

TEST_F(LimitsTest, EightRenewalsOfOneEndpointAreInFlightAtOnce)
{
  get_all(20);
  latency = 30s;
  clock.advance(5h + 24min - 1min - 1s); // u = 0.5 for all: due now
  const BootTime due = clock.now();
  clock.advance(29s);
  EXPECT_EQ(fetches_within(due, 29s), 8U);
  clock.advance(6s);
  EXPECT_EQ(fetches_within(due, 35s), 16U);
}

TEST_F(LimitsTest, FiveRenewalsASecondBeginAfterTen)
{
  latency = 1ms;
  get_all(100);
  const BootTime due = fetches.front() + 5h + 24min;
  clock.advance(5h + 24min);
  EXPECT_LE(fetches_within(due, 100ms), 10U);
  EXPECT_LE(fetches_within(due, 10s), 60U);
  EXPECT_GE(fetches_within(due, 10s), 55U);
  EXPECT_EQ(fetches.size(), 200U);
}

TEST_F(LimitsTest, AnotherEndpointIsNotHeldUp)
{
  get_all(20, "a");
  get_all(1, "b");
  latency = 30s;
  clock.advance(5h + 24min);
  EXPECT_GE(view("b:0").attempts, 2U);
}

TEST_F(LimitsTest, WhoWaitsIsNotHeldUpByRenewals)
{
  get_all(20);
  latency = 30s;
  clock.advance(5h + 24min - 1min); // eight renewals are in flight, twelve wait
  latency = 1s;
  EXPECT_TRUE(get(key(99)).starts_with("issuer:99-"));
}

TEST_F(LimitsTest, AHundredMissesBeginAtOnceAndTwentyASecondAfterThat)
{
  const BootTime start = clock.now();
  for (int n = 0; n < 200; ++n)
    ask(key(n));
  EXPECT_EQ(fetches.size(), 100U);
  clock.advance(10s);
  EXPECT_EQ(fetches_within(start, 1001ms), 120U);
  EXPECT_EQ(fetches.size(), 200U);
}

TEST_F(LimitsTest, WhoWouldWaitForMoreThanAMinuteIsRefusedAtOnceAndNotCountedAsAnAttempt)
{
  for (int n = 0; n < 100 + 60 * 20; ++n)
    ask(key(n));
  const auto refused = ask(key(9999));
  EXPECT_EQ(refused->answer, "too much is asked of issuer at once for this machine");
  EXPECT_EQ(view(key(9999)).attempts, 0U);
  EXPECT_EQ(view(key(9999)).failures, 0U);
  EXPECT_EQ(ask(key(9999))->answer, refused->answer); // from memory
  EXPECT_EQ(values.tally().foreground, 1300U);
  clock.advance(2min);
  EXPECT_TRUE(get(key(9999)).starts_with("issuer:9999-"));
}

// A refusal of our own is no failure of the issuer: it must not lead to longer waits.
TEST_F(LimitsTest, WhoWasRefusedOftenWaitsNoLonger)
{
  clock.advance(1h);
  for (int n = 0; n < 100 + 60 * 20; ++n)
    ask(key(n));
  for (int i = 0; i < 50; ++i)
    ask(key(9999));
  clock.advance(1s);
  EXPECT_EQ(ask(key(9999))->answer, "(waiting)");
}

struct RoomTest : RenewingFixture {};

TEST_F(RoomTest, WhereAllAreInFlightThereIsNoRoom)
{
  std::array<ClientPtr, 4> clients;
  for (std::size_t i = 0; i < clients.size(); ++i)
    clients.at(i) = ask(std::string(1, static_cast<char>('a' + i)));
  EXPECT_EQ(ask("e")->answer, "too many identities are waited for at once");
  EXPECT_EQ(renew("e")->answer, "too many identities are waited for at once");
  clock.advance(1s);
  for (const auto& client : clients)
    EXPECT_NE(client->answer, "(waiting)");
  EXPECT_EQ(get("e"), "e-5");
  EXPECT_EQ(values.tally().evicted, 1U);
}

TEST_F(RoomTest, WhatIsInFlightIsNeverTheOneThatMakesRoom)
{
  latency = 10s;
  ask("a"); // the least recently used, and on its way
  clock.advance(1s);
  latency = 1s;
  for (const char* key : {"b", "c", "d", "e"})
    EXPECT_TRUE(get(key).starts_with(key));
  clock.advance(10s);
  EXPECT_TRUE(values.held("a").has_value());
  EXPECT_FALSE(values.held("b").has_value());
}

} // namespace
} // namespace purser::test
