#include "daemon/server/control_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

namespace purser::test {
namespace {

using namespace std::chrono_literals;

struct StatusTest : ServiceFixture {
  DaemonFacts facts{"/run/agent.sock", "hand", "/home/ann/config.json", true, {}, {}};
  CacheState cache;
  ControlHandler handler{clock, facts, settings, tokens, store, audit, cache};

  // Of the only token.
  Json entry()
  {
    const auto status = Json::parse(text_of(ask(handler, "GET", "/v1/status")));
    EXPECT_EQ(status.at("entries").size(), 1U);
    return status.at("entries").at(0);
  }
  std::string in(Duration d) { return civil(clock.now() + d, clock); }
};

TEST_F(StatusTest, SaysWhatOfTheSandboxIsInForce)
{
  facts.sandbox = {true, 2, false, {"code: neither the kernel nor a filter keeps it as it is"}};
  const auto status = Json::parse(text_of(ask(handler, "GET", "/v1/status")));
  const auto& hardening = status.at("hardening");
  EXPECT_EQ(hardening.at("system_calls_filtered"), true);
  EXPECT_EQ(hardening.at("landlock_version"), 2);
  EXPECT_EQ(hardening.at("code_is_fixed"), false);
  EXPECT_EQ(hardening.at("missing").at(0),
            "code: neither the kernel nor a filter keeps it as it is");
}

TEST_F(StatusTest, SaysWhenATokenIsRenewedAndWhenItDies)
{
  get("minted.example"); // a second ago
  const auto token = entry();
  EXPECT_EQ(token.at("state"), "fresh");
  EXPECT_EQ(token.at("degraded"), false);
  EXPECT_EQ(token.at("renew_in_seconds"), 5 * 3600 + 24 * 60 - 1);
  EXPECT_EQ(token.at("renew_at"), in(5h + 24min - 1s));
  EXPECT_EQ(token.at("expires_at"), in(12h - 1s));
  EXPECT_EQ(token.at("last_outcome"), "ok");
  EXPECT_EQ(token.at("last_outcome_at"), in(0s));
  EXPECT_EQ(token.at("attempts"), 1);
  EXPECT_EQ(token.at("failures"), 0);
  EXPECT_TRUE(token.at("failing_since").is_null() && token.at("last_error").is_null());
}

TEST_F(StatusTest, ShowsADegradedTokenUntilSomebodyMendedIt)
{
  get("minted.example");
  provider.fetch_trouble = Error(Errc::forbidden, "scripted refusal");
  clock.advance(5h + 24min);
  auto token = entry();
  EXPECT_EQ(token.at("state"), "due");
  EXPECT_EQ(token.at("degraded"), true);
  EXPECT_EQ(token.at("last_outcome"), "forbidden");
  EXPECT_EQ(token.at("last_error"), "scripted refusal");
  EXPECT_EQ(token.at("failing_since"), in(0s));
  provider.fetch_trouble.reset();
  clock.advance(10min);
  token = entry();
  EXPECT_EQ(token.at("degraded"), false);
  EXPECT_EQ(token.at("last_outcome"), "ok");
  EXPECT_TRUE(token.at("failing_since").is_null());
  EXPECT_GT(token.at("failures"), 0);
}

TEST_F(StatusTest, AnOutageThatMayPassIsNotCalledDegraded)
{
  get("minted.example");
  provider.fetch_trouble = Error(Errc::transient, "scripted outage");
  clock.advance(5h + 24min);
  const auto token = entry();
  EXPECT_EQ(token.at("degraded"), false);
  EXPECT_EQ(token.at("last_outcome"), "transient");
}

TEST_F(StatusTest, ATokenThatNeverCameHasAnErrorAndNoDates)
{
  provider.fetch_trouble = Error(Errc::rejected, "scripted refusal");
  get("minted.example");
  const auto token = entry();
  EXPECT_EQ(token.at("state"), "none");
  EXPECT_EQ(token.at("degraded"), false) << "nothing is served";
  EXPECT_EQ(token.at("last_outcome"), "rejected");
  EXPECT_TRUE(token.at("renew_at").is_null() && token.at("expires_at").is_null());
}

TEST_F(StatusTest, TheTimeInEachStateAddsUpOverRenewals)
{
  get("minted.example");
  provider.fetch_trouble = Error(Errc::transient, "scripted outage");
  clock.advance(7h);
  provider.fetch_trouble.reset();
  clock.advance(1h);
  const auto spent = entry().at("seconds_in");
  EXPECT_EQ(spent.at("critical"), 0);
  EXPECT_EQ(spent.at("expired"), 0);
  EXPECT_GE(spent.at("due"), (7h - 5h - 24min) / 1s);
  // The second life began when it was asked for, a second before the first one ended.
  EXPECT_NEAR(spent.at("fresh").get<double>() + spent.at("due").get<double>(), 8 * 3600 + 1, 2);
}

} // namespace
} // namespace purser::test
