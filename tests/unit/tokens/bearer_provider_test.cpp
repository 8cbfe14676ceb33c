#include "daemon/tokens/bearer_provider.hpp"
#include "tests/support/map_store.hpp"
#include "tests/support/scripted_http.hpp"
#include "tests/unit/tokens/tokens_fixture.hpp"

#include <string>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

const std::string k_registry = "registry.example.com";

class BearerProviderTest : public TokensFixture {
protected:
  [[nodiscard]] static TokenQuestion question()
  {
    TokenQuestion question;
    question.registry = k_registry;
    question.realm = "https://registry.example.com/token?x=1";
    question.service = "fake service";
    question.scopes = ScopeSet::parse("repository:a:pull").value();
    question.username = "ann";
    question.secret = Secret("fake-password");
    question.stored_as = k_registry;
    return question;
  }
  void log_in(std::string_view secret)
  {
    store.held.insert_or_assign({"", k_registry}, Credential("ann", Secret(secret)));
  }

  Identity remember(TokenQuestion of)
  {
    const auto names = provider.names_of(of);
    return provider.remember(std::move(of), names).identity;
  }
  Result<Token> fetch(const Identity& identity)
  {
    return std::move(**start(provider.fetch(identity)));
  }

  // Whether a change of the question is a change of whose token it is.
  template <class Change>
  bool is_another(Change change)
  {
    TokenQuestion changed = question();
    change(changed);
    return provider.names_of(changed).identity != provider.names_of(question()).identity;
  }

  ScriptedHttp http;
  MapStore store;
  ChallengeCache challenges{io.get_executor(), clock, http, [] { return 0.0; }, key};
  BearerProvider provider{
      io.get_executor(), {clock, http, store, challenges, key}, [] { return 0.0; }};
};

TEST_F(BearerProviderTest, AsksTheRealmWithItsQueryForTheScopes)
{
  log_in("fake-password");
  http.answer(200, R"({"token":"fake-token","expires_in":300})");
  const auto token = fetch(remember(question()));
  ASSERT_TRUE(token) << token.error().what;
  EXPECT_EQ(token->secret, Secret("fake-token"));
  EXPECT_EQ(token->life, 300s);
  ASSERT_EQ(http.requests.size(), 1U);
  EXPECT_EQ(http.requests.front().url,
            "https://registry.example.com/token?x=1&account=ann&client_id=purser&"
            "scope=repository%3Aa%3Apull&service=fake%20service");
}

TEST_F(BearerProviderTest, WhatDecidesOnATokenIsPartOfItsIdentity)
{
  EXPECT_FALSE(is_another([](TokenQuestion&) {}));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.username = "bob"; }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.secret = Secret("fake-other"); }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.registry = "other.example.com"; }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.realm = "https://registry.example.com/token"; }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.service = "another"; }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.scopes = ScopeSet(); }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) { q.egress.https_proxy = "http://proxy:3128"; }));
  EXPECT_TRUE(is_another([](TokenQuestion& q) {
    q.username.clear();
    q.secret = Secret();
  }));
}

TEST_F(BearerProviderTest, ALoginThatIsNotStoredAnyMoreIsNotShown)
{
  const Identity identity = remember(question());
  auto token = fetch(identity);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::expired_source);
  log_in("fake-other-password");
  token = fetch(identity);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::expired_source);
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(BearerProviderTest, WhatItIsObtainedWithIsForgottenAfterAnHour)
{
  log_in("fake-password");
  const Identity identity = remember(question());
  clock.advance(1h);
  const auto token = fetch(identity);
  ASSERT_FALSE(token);
  EXPECT_EQ(token.error().code, Errc::expired_source);
}

TEST_F(BearerProviderTest, ARefusedLoginIsNotShownForOtherScopesEither)
{
  log_in("fake-password");
  http.answer(401, R"({"errors":[{"message":"wrong"}]})");
  EXPECT_FALSE(fetch(remember(question())));
  TokenQuestion other = question();
  other.scopes = ScopeSet::parse("repository:b:pull").value();
  const Identity identity = remember(std::move(other));
  EXPECT_EQ(fetch(identity).error().code, Errc::rejected);
  EXPECT_EQ(http.requests.size(), 1U);
  clock.advance(31s);
  http.answer(200, R"({"token":"fake-token"})");
  EXPECT_TRUE(fetch(identity));
}

TEST_F(BearerProviderTest, ANoToOneScopeIsNoWrongPassword)
{
  log_in("fake-password");
  http.answer(403, R"({"errors":[{"message":"denied"}]})");
  EXPECT_EQ(fetch(remember(question())).error().code, Errc::forbidden);
  TokenQuestion other = question();
  other.scopes = ScopeSet::parse("repository:b:pull").value();
  http.answer(200, R"({"token":"fake-token"})");
  EXPECT_TRUE(fetch(remember(std::move(other))));
}

TEST_F(BearerProviderTest, AUserNameWithAColonIsNotSent)
{
  TokenQuestion bad = question();
  bad.username = "ann:x";
  bad.stored_as.clear();
  EXPECT_EQ(fetch(remember(std::move(bad))).error().code, Errc::misconfigured);
  EXPECT_TRUE(http.requests.empty());
}

TEST_F(BearerProviderTest, OnlyPublicRealmsAreConnectedToAtPublicAddressesOnly)
{
  log_in("fake-password");
  http.answer(200, R"({"token":"fake-token"})");
  ASSERT_TRUE(fetch(remember(question())));
  const auto& filter = http.requests.front().may_connect;
  ASSERT_TRUE(filter);
  EXPECT_FALSE(filter(asio::ip::make_address("169.254.169.254")));
  EXPECT_TRUE(filter(asio::ip::make_address("192.31.196.1")));
}

} // namespace
} // namespace purser::test
