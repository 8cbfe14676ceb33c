#include "daemon/renewal/report.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using Kind = RenewalEvent::Kind;

struct RenewalEventsTest : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  int fetches = 0;
  std::optional<Error> trouble;
  Duration life = 12h;
  std::vector<RenewalEvent> events;
  std::vector<std::string> keys; // of the events
  Renewing<std::string, std::string> values{
      io.get_executor(),
      clock,
      [] { return 0.5; },
      [this](std::string key) { return fetch(std::move(key)); },
      [](const std::string&) { return std::string("issuer"); },
      2};

  RenewalEventsTest()
  {
    values.on_event([this](const std::string& key, const RenewalEvent& event) {
      keys.push_back(key);
      events.push_back(event);
    });
    spawn(io.get_executor(), "tend", values.tend());
  }

  asio::awaitable<Result<Fetched<std::string>>> fetch(std::string key)
  {
    const BootTime sent = clock.now();
    co_await clock.sleep_until(sent + 1s);
    if (trouble) co_return *trouble;
    co_return Fetched<std::string>(key + std::to_string(++fetches), sent, life);
  }
  void get(std::string key = "a")
  {
    auto asked = [this, key]() -> asio::awaitable<void> {
      (void)co_await values.get(key, Demand(8500ms));
    };
    asio::co_spawn(io, asked(), asio::detached);
    clock.advance(1s);
  }
  void renew()
  {
    auto asked = [this]() -> asio::awaitable<void> { (void)co_await values.renew("a", 8500ms); };
    asio::co_spawn(io, asked(), asio::detached);
    clock.advance(1s);
  }
  std::vector<Kind> kinds() const
  {
    std::vector<Kind> all;
    all.reserve(events.size());
    for (const auto& event : events)
      all.push_back(event.kind);
    return all;
  }
  bool degraded() const { return is_degraded(*values.view("a"), clock.now()); }
};

TEST_F(RenewalEventsTest, AValueIsObtainedRenewedAndExpiresWhenNobodyUsesIt)
{
  life = 100s;
  get();
  clock.advance(1h);
  ASSERT_GE(events.size(), 3U);
  EXPECT_EQ(events[0].kind, Kind::obtained);
  EXPECT_FALSE(events[0].before.has_value());
  EXPECT_EQ(events[0].life->length(), 100s);
  EXPECT_EQ(events[1].kind, Kind::renewed);
  EXPECT_EQ(events[1].before->sent_at, events[0].life->sent_at);
  EXPECT_EQ(events.back().kind, Kind::expired);
  EXPECT_EQ(events.back().before->sent_at, events[events.size() - 2].life->sent_at);
  EXPECT_FALSE(events.back().life.has_value());
}

TEST_F(RenewalEventsTest, FailuresInARowAreCountedUntilTheyEnd)
{
  get();
  trouble = Error(Errc::transient, "scripted outage");
  clock.advance(6h);
  trouble = Error(Errc::timeout, "scripted outage of another name");
  clock.advance(1h);
  trouble.reset();
  clock.advance(5min);
  ASSERT_GT(events.size(), 4U);
  const auto& first = events[1];
  const auto& last = events[events.size() - 2];
  const auto& end = events.back();
  EXPECT_EQ(first.kind, Kind::failed);
  EXPECT_FALSE(first.same_cause);
  EXPECT_EQ(first.failures, 1U);
  EXPECT_EQ(last.kind, Kind::failed);
  EXPECT_TRUE(last.same_cause) << "both may pass by themselves";
  EXPECT_EQ(last.failures, events.size() - 2);
  EXPECT_TRUE(last.life.has_value());
  EXPECT_EQ(end.kind, Kind::renewed);
  EXPECT_EQ(end.failures, last.failures);
  EXPECT_EQ(end.failing_since, first.failing_since);
  EXPECT_FALSE(values.view("a")->failing_since.has_value());
}

TEST_F(RenewalEventsTest, AnotherCauseIsNews)
{
  get();
  trouble = Error(Errc::transient, "scripted outage");
  renew();
  trouble = Error(Errc::forbidden, "scripted refusal");
  renew();
  renew();
  ASSERT_EQ(events.size(), 4U);
  EXPECT_FALSE(events[2].same_cause);
  EXPECT_TRUE(events[3].same_cause) << "also where the one who asked forgave it";
}

TEST_F(RenewalEventsTest, AValueIsDegradedWhileSomebodyHasToMendItsRenewal)
{
  get();
  EXPECT_FALSE(degraded());
  trouble = Error(Errc::transient, "scripted outage");
  renew();
  EXPECT_FALSE(degraded());
  trouble = Error(Errc::forbidden, "scripted refusal");
  renew();
  EXPECT_TRUE(degraded());
  EXPECT_EQ(report_on(values, clock.now()).degraded, 1U);
  trouble.reset();
  renew();
  EXPECT_FALSE(degraded());
}

TEST_F(RenewalEventsTest, AnExpiryDuringAnOutageIsToldAsItsConsequence)
{
  life = 100s;
  get();
  trouble = Error(Errc::transient, "scripted outage");
  clock.advance(95s);
  EXPECT_EQ(events.back().kind, Kind::expired);
  EXPECT_TRUE(events.back().failing_since.has_value());
  EXPECT_GT(events.back().failures, 1U);
}

TEST_F(RenewalEventsTest, WhatIsTakenAwayIsToldOnce)
{
  get();
  values.erase("a");
  values.erase("a");
  EXPECT_EQ(kinds(), (std::vector<Kind>{Kind::obtained, Kind::erased}));
}

TEST_F(RenewalEventsTest, WhatMadeRoomIsTold)
{
  get("a");
  get("b");
  get("c");
  EXPECT_EQ(kinds(),
            (std::vector<Kind>{Kind::obtained, Kind::obtained, Kind::evicted, Kind::obtained}));
  EXPECT_EQ(keys[2], "a");
}

TEST_F(RenewalEventsTest, TheSameAgainIsNoRenewal)
{
  get();
  life = 11h;
  renew();
  EXPECT_EQ(events.back().kind, Kind::unchanged);
}

TEST_F(RenewalEventsTest, TheReportHasWhatIsHeldAndTheTimesOfWhatWas)
{
  life = 100s;
  get("a");
  values.erase("a");
  get("b");
  clock.advance(10s);
  const auto report = report_on(values, clock.now());
  EXPECT_EQ(report.held, (std::array<std::uint64_t, 4>{1, 0, 0, 0}));
  EXPECT_EQ(report.times.fresh, 1s + 11s);
  trouble = Error(Errc::rejected, "scripted refusal");
  get("a");
  EXPECT_EQ(report_on(values, clock.now()).empty, 1U);
  EXPECT_EQ(report_on(values, clock.now()).failing, 1U);
  EXPECT_EQ(report_on(values, clock.now()).degraded, 0U) << "nothing is served";
}

} // namespace
} // namespace purser::test
