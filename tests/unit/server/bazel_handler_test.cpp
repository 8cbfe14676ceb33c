#include "daemon/server/bazel_handler.hpp"
#include "tests/unit/server/service_fixture.hpp"

#include <gmock/gmock.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct BazelHandlerTest : ServiceFixture {
  BazelHandler handler{clock, credentials, audit, [this]() -> asio::awaitable<void> {
                         ++reloads;
                         co_return;
                       }};
  int reloads = 0;

  ServerResponse headers_for(std::string_view uri)
  {
    const Json request{{"uri", uri}};
    return ask(handler, "POST", "/v1/bazel/get", '\0' + request.dump());
  }
  Json answered(std::string_view uri)
  {
    const auto answer = headers_for(uri);
    EXPECT_EQ(answer.status, 200U) << text_of(answer);
    EXPECT_FALSE(answer.for_standard_error);
    return Json::parse(text_of(answer));
  }
  // The line on standard error.
  std::string refused(std::string_view uri)
  {
    const auto answer = headers_for(uri);
    EXPECT_NE(answer.status, 200U);
    EXPECT_TRUE(answer.for_standard_error);
    const auto line = text_of(answer);
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_EQ(line.find("default-1"), std::string::npos);
    return line;
  }
  void keep(std::string_view registry, std::string username)
  {
    store.held.insert_or_assign(MapStore::Key("", std::string(registry)),
                                Credential(std::move(username), Secret("fake-password")));
  }
};

TEST_F(BazelHandlerTest, AMintedTokenIsAHeaderUntilHalfOfItsLife)
{
  const auto answer = answered("https://minted.example/v2/team/app/blobs/sha256:01");
  EXPECT_EQ(answer.at("headers").at("Authorization").at(0), "Basic QVdTOmRlZmF1bHQtMQ==");
  EXPECT_EQ(answer.at("expires"), civil(clock.now() + (12h - 1s) / 2, clock));
  clock.advance(5h);
  const auto later = answered("https://minted.example/v2/");
  EXPECT_EQ(later.at("headers"), answer.at("headers"));
  EXPECT_LT(later.at("expires"), civil(clock.now() + 6h, clock));
  EXPECT_EQ(reloads, 2);
}

TEST_F(BazelHandlerTest, AStoredCredentialDoesNotSayWhenItEnds)
{
  keep("r.example", "ann");
  const auto answer = answered("https://r.example/file");
  EXPECT_EQ(answer.at("headers").at("Authorization").at(0), "Basic YW5uOmZha2UtcGFzc3dvcmQ=");
  EXPECT_FALSE(answer.contains("expires"));
}

TEST_F(BazelHandlerTest, NobodysHostHasNoHeaders)
{
  EXPECT_EQ(answered("https://other.example/file"), Json::object());
  EXPECT_EQ(answered("http://other.example/file"), Json::object());
  EXPECT_EQ(answered("https://ann@other.example/file"), Json::object());
  EXPECT_EQ(answered("https://minted.example@other.example/v2/"), Json::object());
  EXPECT_EQ(answered("grpcs://minted.example/Service"), Json::object());
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(BazelHandlerTest, WhereACredentialWouldBeSeenItIsNotHandedOut)
{
  EXPECT_THAT(refused("http://minted.example/v2/"), HasSubstr("use https"));
  EXPECT_THAT(refused("https://ann@minted.example/v2/"), HasSubstr("names a user"));
  EXPECT_THAT(refused("https://minted.example/v2/a/../b/blobs/x"), HasSubstr("dot segments"));
  keep("r.example", "ann");
  EXPECT_THAT(refused("http://r.example/"), HasSubstr("use https"));
  keep("localhost:5000", "ann");
  EXPECT_TRUE(answered("http://localhost:5000/v2/").contains("headers"));
}

TEST_F(BazelHandlerTest, WhatBasicCannotCarryIsAnError)
{
  keep("r.example", "<token>");
  EXPECT_THAT(refused("https://r.example/"), HasSubstr("identity token"));
  keep("r.example", "a\r\nX-Evil: b");
  EXPECT_THAT(refused("https://r.example/"), HasSubstr("log in with another"));
}

TEST_F(BazelHandlerTest, AFailureNamesTheRegistry)
{
  provider.fetch_trouble = Error(Errc::forbidden, "scripted refusal");
  EXPECT_THAT(refused("https://minted.example/v2/"), HasSubstr("minted.example: scripted refusal"));
}

TEST_F(BazelHandlerTest, ARequestThatIsNoneIsAnError)
{
  EXPECT_THAT(refused("https://r.example\r\nX: y/"), HasSubstr("purser: request: "));
  const auto answer = ask(handler, "POST", "/v1/bazel/get", std::string("\0{}", 3));
  EXPECT_EQ(answer.status, 400U);
  EXPECT_TRUE(answer.for_standard_error);
  EXPECT_EQ(ask(handler, "POST", "/v1/bazel/store", std::string("\0{}", 3)).status, 400U);
}

TEST_F(BazelHandlerTest, TheAuditLogKnowsTheFrontEnd)
{
  answered("https://minted.example/v2/team/app/blobs/x");
  answered("https://other.example/");
  refused("http://minted.example/");
  ASSERT_EQ(audit.events().size(), 3U);
  EXPECT_EQ(audit.events()[0].verb, "bazel-get");
  EXPECT_EQ(audit.events()[0].registry, "minted.example/team/app");
  EXPECT_EQ(audit.events()[0].outcome, "ok");
  EXPECT_EQ(audit.events()[1].outcome, "not_configured");
  EXPECT_EQ(audit.events()[2].outcome, "unsafe");
}

} // namespace
} // namespace purser::test
