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
