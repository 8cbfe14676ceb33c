#include "daemon/cache/token_cache.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_provider.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

// What is logged while it exists, each line with its level.
class LogOfThisTest {
public:
  LogOfThisTest() : before_(spdlog::default_logger())
  {
    auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
    auto logger = std::make_shared<spdlog::logger>("test", std::move(sink));
    logger->set_pattern("%l %v");
    spdlog::set_default_logger(std::move(logger));
  }
  ~LogOfThisTest() { spdlog::set_default_logger(before_); }
  LogOfThisTest(const LogOfThisTest&) = delete;
  LogOfThisTest& operator=(const LogOfThisTest&) = delete;

  [[nodiscard]] std::string text() const { return text_.str(); }

private:
  std::ostringstream text_;
  std::shared_ptr<spdlog::logger> before_;
};

struct TokenCacheTest : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  ScriptedProvider provider{clock};
  SealingKey key = SealingKey::random();
  TokenCache cache{io.get_executor(), clock, [] { return 0.5; }, key};
  NamedProvider named{"ecr", &provider};

  std::string get(std::string identity, std::string registry = "r.example")
  {
    std::string answer = "(waiting)";
    asio::co_spawn(io, receive(std::move(identity), std::move(registry), answer), asio::detached);
    clock.run();
    if (answer == "(waiting)") clock.advance(1s);
    return answer;
  }
  asio::awaitable<void> receive(std::string identity, std::string registry, std::string& answer)
  {
    Resolved resolved{Identity(std::move(identity)), "profile x"};
    const auto handout =
        co_await cache.get(named, std::move(resolved), std::move(registry), Demand(8500ms));
    answer = handout ? handout->username + ":" + std::string(handout->secret.reveal())
                     : handout.error().what;
  }
};

TEST_F(TokenCacheTest, ATokenIsOnlyForItsIdentity)
{
  EXPECT_EQ(get("dev"), "AWS:dev-1");
  EXPECT_EQ(get("prod"), "AWS:prod-2");
  EXPECT_EQ(get("dev"), "AWS:dev-1");
}

TEST_F(TokenCacheTest, OneTokenServesAllRegistriesOfAnIdentity)
{
  get("dev", "a.example");
  get("dev", "b.example");
  EXPECT_EQ(provider.fetches, 1);
  ASSERT_EQ(cache.entries().size(), 1U);
  EXPECT_EQ(cache.entries()[0].registries, (std::vector<std::string>{"a.example", "b.example"}));
  EXPECT_EQ(cache.entries()[0].source, "profile x");
}

TEST_F(TokenCacheTest, ItKnowsItsOwnTokensUntilTheyExpire)
{
  get("dev");
  EXPECT_TRUE(cache.issued("AWS", Secret("dev-1")));
  EXPECT_FALSE(cache.issued("AWS", Secret("dev-2")));
  EXPECT_FALSE(cache.issued("SWA", Secret("dev-1")));
  clock.advance(12h);
  EXPECT_FALSE(cache.issued("AWS", Secret("dev-1")));
}

TEST_F(TokenCacheTest, EraseForgetsOneIdentity)
{
  get("dev");
  get("prod");
  cache.erase(named, Identity("dev"));
  EXPECT_EQ(get("dev"), "AWS:dev-3");
  EXPECT_EQ(get("prod"), "AWS:prod-2");
}

TEST_F(TokenCacheTest, ANewTokenIsProvenBeforeItReplacesOneThatLives)
{
  spawn(io.get_executor(), "tend", cache.tend());
  EXPECT_EQ(get("dev"), "AWS:dev-1");
  EXPECT_TRUE(provider.proven.empty()); // there was nothing to lose
  provider.probe_trouble = Error(Errc::transient, "scripted: the registry refuses it");
  clock.advance(6h);
  EXPECT_GE(provider.fetches, 2);
  EXPECT_EQ(provider.proven.at(0), "dev-2");
  EXPECT_EQ(get("dev"), "AWS:dev-1");
  EXPECT_EQ(cache.entries().at(0).view.last_error->what, "scripted: the registry refuses it");

  provider.probe_trouble.reset();
  clock.advance(10min);
  const std::string taken = provider.proven.back();
  EXPECT_EQ(get("dev"), "AWS:" + taken);
}

TEST_F(TokenCacheTest, WithoutOneThatLivesANewTokenIsTakenAsItIs)
{
  spawn(io.get_executor(), "tend", cache.tend());
  get("dev");
  provider.fetch_trouble = Error(Errc::transient, "scripted outage");
  clock.advance(13h);
  provider.fetch_trouble.reset();
  provider.probe_trouble = Error(Errc::transient, "scripted: the registry refuses it");
  const std::string answer = get("dev");
  EXPECT_EQ(answer, "AWS:dev-" + std::to_string(provider.fetches));
}

TEST_F(TokenCacheTest, WhatIsKeptServesAnotherProcess)
{
  get("dev", "a.example");
  clock.advance(1h);
  const ProviderTable table({ProviderSpec{"ecr", nullptr, nullptr, &provider}});
  TokenCache next(
      io.get_executor(), clock, [] { return 0.5; }, key);
  next.restore(cache.kept(), table);
  ASSERT_EQ(next.entries().size(), 1U);
  EXPECT_EQ(next.entries()[0].registries, std::vector<std::string>{"a.example"});
  EXPECT_EQ(next.entries()[0].source, "profile x");
  EXPECT_EQ(next.entries()[0].view.life->expires_at, cache.entries()[0].view.life->expires_at);
  EXPECT_TRUE(next.issued("AWS", Secret("dev-1")));
}

TEST_F(TokenCacheTest, WhatIsKeptIsOfNoUseWithAnotherKeyOrProvider)
{
  get("dev");
  const ProviderTable table({ProviderSpec{"ecr", nullptr, nullptr, &provider}});
  const ProviderTable others({ProviderSpec{"other", nullptr, nullptr, &provider}});
  const SealingKey another = SealingKey::random();
  TokenCache next(
      io.get_executor(), clock, [] { return 0.5; }, another);
  next.restore(cache.kept(), table);
  EXPECT_TRUE(next.entries().empty());
  TokenCache without(
      io.get_executor(), clock, [] { return 0.5; }, key);
  without.restore(cache.kept(), others);
  EXPECT_TRUE(without.entries().empty());
}

TEST_F(TokenCacheTest, AFailureShowsInStatus)
{
  provider.fetch_trouble = Error(Errc::rejected, "scripted refusal");
  EXPECT_EQ(get("dev"), "scripted refusal");
  const auto entries = cache.entries();
  ASSERT_EQ(entries.size(), 1U);
  ASSERT_TRUE(entries[0].view.last_error.has_value());
  EXPECT_EQ(entries[0].view.last_error->what, "scripted refusal");
  EXPECT_TRUE(entries[0].view.next_try.has_value());
}

// As after a restart: nobody has brought yet what the tokens are renewed with.
TEST_F(TokenCacheTest, RestoredTokensAreServedAndTheirRenewalsFailWithoutANoise)
{
  get("dev");
  get("prod");
  const LogOfThisTest log;
  TokenCache next(
      io.get_executor(), clock, [] { return 0.5; }, key);
  next.restore(cache.kept(), ProviderTable({ProviderSpec{"ecr", nullptr, nullptr, &provider}}));
  asio::co_spawn(io, next.tend(), asio::detached);
  provider.fetch_trouble = Error(Errc::expired_source, "scripted: nobody brought it");
  clock.advance(7h);
  EXPECT_EQ(provider.fetches, 4); // each was tried once
  EXPECT_EQ(next.entries().at(0).view.life->expires_at - clock.now(), 5h - 2s);
  EXPECT_EQ(log.text(), "info restored tokens are renewed once somebody asks for them\n");
}

} // namespace
} // namespace purser::test
