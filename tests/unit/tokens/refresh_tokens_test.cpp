#include "daemon/tokens/refresh_tokens.hpp"
#include "tests/support/map_store.hpp"
#include "tests/unit/tokens/tokens_fixture.hpp"

#include <functional>
#include <string>
#include <vector>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view k_registry = "registry.example.com";

class RefreshTokensTest : public TokensFixture {
protected:
  void log_in(std::string_view token)
  {
    store.held.insert_or_assign({"", std::string(k_registry)},
                                Credential("<token>", Secret(token)));
  }
  [[nodiscard]] std::string stored() const
  {
    const auto found = store.held.find({"", std::string(k_registry)});
    return found == store.held.end() ? "" : std::string(found->second.secret.reveal());
  }

  // Exchanges `token`; the server replaces what it is shown by `successor`, and `meanwhile` happens
  // before its answer comes.
  Exchanged
  exchange(std::string_view token, std::string_view successor, std::function<void()> meanwhile = {})
  {
    TokenQuestion question;
    question.username = "<token>";
    question.secret = Secret(token);
    question.stored_as = where;
    RefreshTokens::Ask ask = [this, next = std::string(successor),
                              act = std::move(meanwhile)](RefreshTokens::QuestionPtr asked) {
      shown.emplace_back(asked->secret.reveal());
      if (act) act();
      return answer(next);
    };
    auto outcome = start(tokens.exchange(std::move(question), std::move(ask)));
    return std::move(**outcome);
  }
  asio::awaitable<Exchanged> answer(std::string successor)
  {
    co_return Exchanged(TokenGrant(Secret("fake-access"), 60s, std::nullopt, Secret(successor)),
                        clock.now());
  }

  MapStore store;
  RefreshTokens tokens{io.get_executor(), clock, store, key};
  std::string where{k_registry};
  std::vector<std::string> shown;
};

TEST_F(RefreshTokensTest, KeepsTheSuccessorBeforeItAnswers)
{
  log_in("fake-1");
  EXPECT_TRUE(exchange("fake-1", "fake-2").grant);
  EXPECT_EQ(stored(), "fake-2");
}

TEST_F(RefreshTokensTest, HandsOutNothingThatItCannotKeepAndKeepsItTheNextTime)
{
  log_in("fake-1");
  const auto breaks = [this] { store.trouble = Error{Errc::transient, "the disk is full"}; };
  const auto refused = exchange("fake-1", "fake-2", breaks);
  ASSERT_FALSE(refused.grant);
  EXPECT_EQ(refused.grant.error().code, Errc::transient);
  store.trouble.reset();
  EXPECT_EQ(stored(), "fake-1");
  EXPECT_TRUE(exchange("fake-1", "fake-3").grant);
  EXPECT_EQ(shown, (std::vector<std::string>{"fake-1", "fake-2"}));
  EXPECT_EQ(stored(), "fake-3");
}

TEST_F(RefreshTokensTest, AllSuccessorsAreOneLineage)
{
  log_in("fake-1");
  (void)exchange("fake-1", "fake-2");
  (void)exchange("fake-2", "fake-3");
  EXPECT_EQ(tokens.lineage(Secret("fake-3")), tokens.lineage(Secret("fake-1")));
  EXPECT_NE(tokens.lineage(Secret("fake-4")), tokens.lineage(Secret("fake-1")));
}

TEST_F(RefreshTokensTest, WhoeverLoggedInMeanwhileIsNotOverwritten)
{
  log_in("fake-1");
  const auto refused = exchange("fake-1", "fake-2", [this] { log_in("fake-of-bob"); });
  ASSERT_FALSE(refused.grant);
  EXPECT_EQ(refused.grant.error().code, Errc::expired_source);
  EXPECT_EQ(stored(), "fake-of-bob");
}

TEST_F(RefreshTokensTest, WhoeverLoggedOutMeanwhileStaysLoggedOut)
{
  log_in("fake-1");
  EXPECT_FALSE(exchange("fake-1", "fake-2", [this] { store.held.clear(); }).grant);
  EXPECT_EQ(stored(), "");
}

TEST_F(RefreshTokensTest, ALoginThatIsReplacedIsNotShownForTheOldOne)
{
  log_in("fake-of-bob");
  EXPECT_FALSE(exchange("fake-1", "fake-2").grant);
  EXPECT_TRUE(shown.empty());
}

TEST_F(RefreshTokensTest, RemembersTheNewestOfWhatNoStoreKeeps)
{
  where.clear();
  (void)exchange("fake-1", "fake-2");
  (void)exchange("fake-1", "fake-3");
  EXPECT_EQ(shown, (std::vector<std::string>{"fake-1", "fake-2"}));
  EXPECT_EQ(tokens.newest_of(Secret("fake-1")), Secret("fake-3"));
}

// A login is tried before it is stored, and its token server replaces it then.
TEST_F(RefreshTokensTest, AnOldOneThatIsStoredIsReplacedByItsSuccessor)
{
  where.clear();
  (void)exchange("fake-1", "fake-2");
  log_in("fake-1");
  where = k_registry;
  EXPECT_TRUE(exchange("fake-1", "fake-3").grant);
  EXPECT_EQ(shown.back(), "fake-2");
  EXPECT_EQ(stored(), "fake-3");
}

} // namespace
} // namespace purser::test
