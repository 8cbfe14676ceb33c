#include "daemon/server/metrics_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

#include <sstream>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

struct MetricsHandlerTest : ServiceFixture {
  DaemonFacts facts;
  RenewalReport keys;
  ConnectionTally connections;
  MetricsHandler handler{
      clock, {facts, tokens, audit, [this] { return keys; }, [this] { return connections; }}};

  MetricsHandlerTest() { facts.started_at = clock.now(); }

  // The value of a sample, which is all of its line before the blank; "(none)" without one.
  std::string value(const std::string& sample)
  {
    std::istringstream text(text_of(ask(handler, "GET", "/metrics")));
    for (std::string line; std::getline(text, line);)
      if (line.starts_with(sample + " ")) return line.substr(sample.size() + 1);
    return "(none)";
  }
};

TEST_F(MetricsHandlerTest, IsTheTextFormatOfPrometheus)
{
  const auto answer = ask(handler, "GET", "/metrics");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.content_type, "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_TRUE(text_of(answer).starts_with("# HELP purser_"));
}

TEST_F(MetricsHandlerTest, OtherMethodsAndPathsAreRefused)
{
  EXPECT_EQ(ask(handler, "POST", "/metrics").status, 405U);
  EXPECT_EQ(ask(handler, "GET", "/metrics/x").status, 404U);
}

TEST_F(MetricsHandlerTest, MemoryIsToldInBytes)
{
  const double now = std::stod(value("purser_resident_memory_bytes"));
  EXPECT_GT(now, 1 << 20); // no process of ours is smaller than a mebibyte
  EXPECT_GE(std::stod(value("purser_resident_memory_peak_bytes")), now / 2);
}

TEST_F(MetricsHandlerTest, FiftyWhoMissTogetherAreOneFetch)
{
  int answered = 0;
  auto receive = [this, &answered]() -> asio::awaitable<void> {
    const auto asker = std::make_shared<Asker>();
    AuditEvent trail;
    Inquiry inquiry(*RegistryKey::parse("minted.example"), asker, 8500ms);
    const auto handout = co_await credentials.get(std::move(inquiry), trail);
    if (handout) ++answered;
  };
  for (int i = 0; i < 50; ++i)
    asio::co_spawn(io, receive(), asio::detached);
  clock.advance(1s);
  ASSERT_EQ(answered, 50);
  EXPECT_EQ(value("purser_misses_total{kind=\"token\"}"), "50");
  EXPECT_EQ(value("purser_coalesced_total{kind=\"token\"}"), "49");
  EXPECT_EQ(value("purser_awaited_total{kind=\"token\"}"), "50");
  EXPECT_EQ(value("purser_fetches_total{kind=\"token\",cause=\"foreground\"}"), "1");
  EXPECT_EQ(value("purser_fetch_outcomes_total{kind=\"token\",code=\"ok\"}"), "1");
  EXPECT_EQ(value("purser_fetch_duration_seconds_bucket{kind=\"token\",le=\"0.5\"}"), "0");
  EXPECT_EQ(value("purser_fetch_duration_seconds_bucket{kind=\"token\",le=\"1\"}"), "1");
  EXPECT_EQ(value("purser_entries{kind=\"token\",state=\"fresh\"}"), "1");
}

TEST_F(MetricsHandlerTest, WhatIsServedIsCountedByItsState)
{
  get("minted.example");
  EXPECT_EQ(value("purser_served_remaining_least_seconds{kind=\"token\"}"), "(none)");
  clock.advance(1h - 1s);
  get("minted.example");
  EXPECT_EQ(value("purser_served_total{kind=\"token\",state=\"fresh\"}"), "1");
  EXPECT_EQ(value("purser_served_remaining_least_seconds{kind=\"token\"}"), "39600");
  EXPECT_EQ(value("purser_served_remaining_ratio_bucket{kind=\"token\",le=\"0.9\"}"), "0");
  EXPECT_EQ(value("purser_served_remaining_ratio_bucket{kind=\"token\",le=\"+Inf\"}"), "1");
}

TEST_F(MetricsHandlerTest, ARenewalIsCountedAtItsAge)
{
  get("minted.example");
  clock.advance(6h);
  EXPECT_EQ(value("purser_fetches_total{kind=\"token\",cause=\"background\"}"), "1");
  EXPECT_EQ(value("purser_renewal_age_ratio_bucket{kind=\"token\",le=\"0.4\"}"), "0");
  EXPECT_EQ(value("purser_renewal_age_ratio_bucket{kind=\"token\",le=\"0.5\"}"), "1");
  EXPECT_EQ(value("purser_state_seconds_total{kind=\"token\",state=\"due\"}"), "1");
}

TEST_F(MetricsHandlerTest, FailuresAreCountedByTheirCode)
{
  get("minted.example");
  provider.fetch_trouble = Error(Errc::forbidden, "scripted refusal");
  clock.advance(5h + 24min + 1s);
  EXPECT_EQ(value("purser_fetch_outcomes_total{kind=\"token\",code=\"forbidden\"}"), "1");
  EXPECT_EQ(value("purser_entries_failing{kind=\"token\"}"), "1");
  EXPECT_EQ(value("purser_entries_degraded{kind=\"token\"}"), "1");
  // It is there before it first counts: or Prometheus would not see that it rose.
  EXPECT_EQ(value("purser_refused_total{kind=\"token\",code=\"forbidden\"}"), "0");
  clock.advance(7h);
  get("minted.example");
  EXPECT_EQ(value("purser_refused_total{kind=\"token\",code=\"forbidden\"}"), "1");
  EXPECT_EQ(value("purser_entries_degraded{kind=\"token\"}"), "0");
  EXPECT_EQ(value("purser_entries{kind=\"token\",state=\"none\"}"), "1");
}

TEST_F(MetricsHandlerTest, TheKeysOfAwsAreToldApart)
{
  keys.held[2] = 3;
  keys.tally.misses = 4;
  EXPECT_EQ(value("purser_entries{kind=\"aws_keys\",state=\"critical\"}"), "3");
  EXPECT_EQ(value("purser_misses_total{kind=\"aws_keys\"}"), "4");
  EXPECT_EQ(value("purser_misses_total{kind=\"token\"}"), "0");
}

TEST_F(MetricsHandlerTest, RequestsAreCountedByVerbAndOutcome)
{
  AuditEvent event;
  event.verb = "get";
  event.outcome = "ok";
  event.took = 3ms;
  audit.add(event);
  event.outcome = "timeout";
  event.took = 8s;
  audit.add(event);
  EXPECT_EQ(value("purser_requests_total{verb=\"get\",outcome=\"ok\"}"), "1");
  EXPECT_EQ(value("purser_requests_total{verb=\"get\",outcome=\"timeout\"}"), "1");
  EXPECT_EQ(value("purser_request_duration_seconds_bucket{verb=\"get\",le=\"0.001\"}"), "0");
  EXPECT_EQ(value("purser_request_duration_seconds_bucket{verb=\"get\",le=\"0.005\"}"), "1");
  EXPECT_EQ(value("purser_request_duration_seconds_count{verb=\"get\"}"), "2");
}

TEST_F(MetricsHandlerTest, ConnectionsAreThoseOfTheListener)
{
  connections = {.open = 1, .accepted = 2, .refused = 3, .idle = 4, .slow = 5, .displaced = 6};
  EXPECT_EQ(value("purser_connections_open"), "1");
  EXPECT_EQ(value("purser_connections_accepted_total"), "2");
  EXPECT_EQ(value("purser_connections_refused_total"), "3");
  EXPECT_EQ(value("purser_connections_dropped_total{reason=\"idle\"}"), "4");
  EXPECT_EQ(value("purser_connections_dropped_total{reason=\"slow\"}"), "5");
  EXPECT_EQ(value("purser_connections_dropped_total{reason=\"limit\"}"), "6");
}

// Whoever may ask for metrics learns nothing of who uses what.
TEST_F(MetricsHandlerTest, NoNameFromOutsideIsInALabel)
{
  get("minted.example");
  AuditEvent event;
  event.verb = "get";
  event.outcome = "ok";
  event.registry = "minted.example";
  audit.add(event);
  const auto text = text_of(ask(handler, "GET", "/metrics"));
  for (const auto* name : {"minted", "default", "profile"})
    EXPECT_EQ(text.find(name), std::string::npos) << name;
}

} // namespace
} // namespace purser::test
