#include "daemon/server/import_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

namespace purser::test {
namespace {

struct ImportHandlerTest : ServiceFixture {
  MapStore file;
  ImportHandler handler{clock, credentials, file, audit,
                        []() -> asio::awaitable<void> { co_return; }};

  ServerResponse post(const std::string& verb, std::string_view input)
  {
    return ask(handler, "POST", "/v1/import/" + verb, '\0' + std::string(input));
  }
  Json json(const std::string& verb, std::string_view input)
  {
    return Json::parse(text_of(post(verb, input)));
  }
};

TEST_F(ImportHandlerTest, SaysWhoAnswersForARegistryWithoutAskingAnybody)
{
  const auto minted = json("route", "https://minted.example/v2/");
  EXPECT_EQ(minted.at("registry"), "minted.example");
  EXPECT_EQ(minted.at("provider"), "ecr");
  EXPECT_TRUE(json("route", "other.example").at("provider").is_null());
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(ImportHandlerTest, WhatItKeepsComesBackByteForByte)
{
  const std::string record = "{\"secret\": \"fake-password\"}\n\xc3\xa4 ";
  EXPECT_EQ(post("keep", "20260101-7.0001\n" + record).status, 200U);
  EXPECT_EQ(text_of(post("recall", "20260101-7.0001")), record);
  EXPECT_EQ(json("list", "").at("records"), Json::array({"20260101-7.0001"}));
}

TEST_F(ImportHandlerTest, WhatItKeepsIsNoCredential)
{
  post("keep", "other.example\nfake-password");
  EXPECT_TRUE(store.held.empty());
  EXPECT_NE(get("other.example"), "fake-password");
  ASSERT_EQ(file.held.size(), 1U);
  EXPECT_EQ(file.held.begin()->first.first, "purser:import");
}

TEST_F(ImportHandlerTest, WhatIsForgottenIsGone)
{
  post("keep", "a\nfake-password");
  EXPECT_EQ(post("forget", "a").status, 200U);
  EXPECT_TRUE(file.held.empty());
  EXPECT_EQ(post("recall", "a").status, 404U);
  EXPECT_EQ(post("forget", "a").status, 200U);
}

TEST_F(ImportHandlerTest, AContainerIsRefused)
{
  post("keep", "a\nfake-password");
  ServerRequest request;
  request.method = "POST";
  request.target = "/v1/import/recall";
  request.body = {'\0', 'a'};
  request.peer.local = false;
  std::optional<ServerResponse> answer;
  auto receive = [this, &answer](ServerRequest r) -> asio::awaitable<void> {
    answer = co_await handler.handle(std::move(r));
  };
  asio::co_spawn(io, receive(std::move(request)), asio::detached);
  clock.run();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 403U);
  EXPECT_EQ(text_of(*answer).find("fake-password"), std::string::npos);
}

TEST_F(ImportHandlerTest, NamesAreNames)
{
  for (const std::string name : {"", "a/b", "a b", "\xc3\xa4", "a\tb"}) {
    EXPECT_EQ(post("recall", name).status, 400U) << name;
    EXPECT_EQ(post("keep", name + "\nx").status, 400U) << name;
  }
  EXPECT_EQ(post("keep", std::string(65, 'a') + "\nx").status, 400U);
  EXPECT_EQ(post("keep", "no-line-feed").status, 400U);
  EXPECT_EQ(post("route", "user:fake-password@").status, 400U);
  EXPECT_EQ(post("swallow", "a").status, 404U);
  EXPECT_EQ(ask(handler, "GET", "/v1/import/list").status, 405U);
}

TEST_F(ImportHandlerTest, TheAuditHasWhoTookSecretsOut)
{
  post("keep", "a\nfake-password");
  post("recall", "a");
  post("recall", "b");
  post("list", "");
  ASSERT_EQ(audit.events().size(), 3U);
  EXPECT_EQ(audit.events()[1].verb, "import-recall");
  EXPECT_EQ(audit.events()[1].outcome, "ok");
  EXPECT_EQ(audit.events()[2].outcome, "failed");
}

TEST_F(ImportHandlerTest, AStoreThatFailsIsNoSuccess)
{
  file.trouble = Error(Errc::interaction_required, "scripted lock");
  for (const auto* verb : {"keep", "recall", "forget", "list"}) {
    const auto answer = post(verb, std::string_view(verb) == "keep" ? "a\nx" : "a");
    EXPECT_EQ(answer.status, 502U) << verb;
    EXPECT_NE(text_of(answer).find("scripted lock"), std::string::npos) << verb;
  }
}

} // namespace
} // namespace purser::test
