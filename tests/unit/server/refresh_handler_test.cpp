#include "daemon/server/refresh_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

#include <gmock/gmock.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct RefreshHandlerTest : ServiceFixture {
  RefreshHandler handler{clock, credentials, audit, [this]() -> asio::awaitable<void> {
                           ++reloads;
                           co_return;
                         }};
  int reloads = 0;

  Json refresh(std::string_view registry)
  {
    const std::string body = '\0' + std::string(registry);
    const auto answer = ask(handler, "POST", "/v1/refresh", body);
    EXPECT_EQ(answer.status, 200U);
    return Json::parse(text_of(answer));
  }
};

TEST_F(RefreshHandlerTest, AFreshTokenIsReplaced)
{
  EXPECT_EQ(get("minted.example"), "default-1");
  const auto answer = refresh("https://minted.example/v2/");
  EXPECT_EQ(answer.at("outcome"), "renewed");
  EXPECT_EQ(answer.at("registry"), "minted.example");
  EXPECT_EQ(answer.at("provider"), "ecr");
  EXPECT_EQ(answer.at("source"), "profile default");
  EXPECT_EQ(answer.at("identity"), TokenCache::label(Identity("default")));
  EXPECT_EQ(answer.at("token").at("remaining_seconds"), 12 * 3600 - 1);
  EXPECT_TRUE(answer.at("code").is_null());
  EXPECT_EQ(provider.fetches, 2);
  EXPECT_EQ(get("minted.example"), "default-2");
  EXPECT_EQ(reloads, 1);
}

TEST_F(RefreshHandlerTest, TheSecretIsNotInTheAnswer)
{
  const auto answer = refresh("minted.example");
  EXPECT_EQ(answer.dump().find("default-1"), std::string::npos);
}

TEST_F(RefreshHandlerTest, ItIsInTheAuditLog)
{
  refresh("minted.example");
  provider.fetch_trouble = Error(Errc::forbidden, "scripted refusal");
  refresh("minted.example");
  ASSERT_EQ(audit.events().size(), 2U);
  EXPECT_EQ(audit.events()[0].verb, "refresh");
  EXPECT_EQ(audit.events()[0].outcome, "ok");
  EXPECT_EQ(audit.events()[0].took, 1s);
  EXPECT_EQ(audit.events()[1].outcome, "forbidden");
}

TEST_F(RefreshHandlerTest, TheOldTokenStaysWhereNoneComes)
{
  get("minted.example");
  provider.fetch_trouble = Error(Errc::transient, "scripted outage");
  const auto answer = refresh("minted.example");
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_EQ(answer.at("code"), "transient");
  EXPECT_THAT(answer.at("conclusion").get<std::string>(), HasSubstr("scripted outage"));
  EXPECT_THAT(answer.at("conclusion").get<std::string>(),
              HasSubstr("the token that is held stays in use, for another 11 h 59 m"));
  EXPECT_EQ(get("minted.example"), "default-1");
}

TEST_F(RefreshHandlerTest, WhatIsRememberedOfFailuresDoesNotCount)
{
  provider.fetch_trouble = Error(Errc::rejected, "scripted refusal");
  get("minted.example");
  provider.fetch_trouble.reset();
  EXPECT_EQ(get("minted.example"), "scripted refusal") << "from memory";
  EXPECT_EQ(refresh("minted.example").at("outcome"), "renewed");
  EXPECT_EQ(provider.forgiven, 1);
}

TEST_F(RefreshHandlerTest, ATokenThatLivesNoLongerIsNoNewOne)
{
  get("minted.example");
  provider.life = 11h;
  const auto answer = refresh("minted.example");
  EXPECT_EQ(answer.at("outcome"), "unchanged");
  EXPECT_TRUE(answer.at("code").is_null());
  EXPECT_EQ(answer.at("token").at("remaining_seconds"), 12 * 3600 - 2);
  EXPECT_EQ(get("minted.example"), "default-1");
}

TEST_F(RefreshHandlerTest, StoredCredentialsAreNotRenewed)
{
  store.held.emplace(MapStore::Key("", "r.example"), Credential("ann", Secret("fake")));
  const auto answer = refresh("r.example");
  EXPECT_EQ(answer.at("outcome"), "not_renewable");
  EXPECT_EQ(answer.at("conclusion"), "stored credentials are not renewed");
  EXPECT_TRUE(answer.at("token").is_null());
}

TEST_F(RefreshHandlerTest, WhatDockerLoginBroughtIsNotRenewed)
{
  ASSERT_TRUE(overrides.put(Overrides::bound("minted.example", Identity("default")),
                            Credential("AWS", Secret("fake"))));
  const auto answer = refresh("minted.example");
  EXPECT_EQ(answer.at("outcome"), "not_renewable");
  EXPECT_THAT(answer.at("conclusion").get<std::string>(), HasSubstr("docker login"));
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(RefreshHandlerTest, WithoutAnyCredentialThereIsNothingToRenew)
{
  const auto answer = refresh("r.example");
  EXPECT_EQ(answer.at("outcome"), "no_credentials");
  EXPECT_EQ(answer.at("code"), "not_configured");
}

// One code comes of several causes.
TEST_F(RefreshHandlerTest, AnErrorForWantOfASourceSaysSo)
{
  provider.resolve_trouble = Error(Errc::not_configured, "scripted want");
  const auto answer = refresh("minted.example");
  EXPECT_EQ(answer.at("outcome"), "no_credentials");
  EXPECT_EQ(answer.at("code"), "misconfigured");
}

TEST_F(RefreshHandlerTest, ASourceThatCannotBeResolvedIsNamed)
{
  provider.resolve_trouble = Error(Errc::misconfigured, "scripted profile");
  const auto answer = refresh("minted.example");
  EXPECT_EQ(answer.at("outcome"), "failed");
  EXPECT_TRUE(answer.at("identity").is_null() && answer.at("token").is_null());
  EXPECT_THAT(answer.at("conclusion").get<std::string>(), HasSubstr("scripted profile"));
}

TEST_F(RefreshHandlerTest, WhatIsNoRegistryIsNotQuoted)
{
  const auto answer = ask(handler, "POST", "/v1/refresh", std::string("\0fake secret@", 13));
  EXPECT_EQ(answer.status, 400U);
  EXPECT_EQ(text_of(answer).find("fake"), std::string::npos);
}

TEST_F(RefreshHandlerTest, OtherMethodsAndPathsAreRefused)
{
  EXPECT_EQ(ask(handler, "GET", "/v1/refresh").status, 405U);
  EXPECT_EQ(ask(handler, "POST", "/v1/refresher").status, 404U);
}

} // namespace
} // namespace purser::test
