#include "daemon/registry/token_grant.hpp"
#include "tests/support/jwt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace purser {
namespace {

using namespace std::chrono_literals;
using test::jwt;
using testing::HasSubstr;

const WallTime k_now(1787220000s); // 2026-08-20T10:00:00Z

Result<TokenGrant> parsed(std::string_view body)
{
  return parse_token_grant(Secret(body), "auth.example", k_now);
}

// `{"token":"fake", MORE}`
Result<TokenGrant> with(const std::string& more)
{
  return parsed(R"({"token":"fake",)" + more + "}");
}

std::string token(std::string_view body)
{
  const auto grant = parsed(body);
  return grant ? std::string(grant->token.reveal()) : "error: " + grant.error().what;
}

std::chrono::seconds life(const Result<TokenGrant>& grant)
{
  return grant ? std::chrono::duration_cast<std::chrono::seconds>(grant->life) : -1s;
}

std::string jwt_body(std::string_view claims, const std::string& more = "")
{
  return R"({"token":")" + jwt(claims) + "\"" + more + "}";
}

// Which token

TEST(TokenGrant, IsOfEitherMemberAndTokenGoesFirst)
{
  EXPECT_EQ(token(R"({"token":"a"})"), "a");
  EXPECT_EQ(token(R"({"access_token":"b"})"), "b");
  EXPECT_EQ(token(R"({"access_token":"b","token":"a"})"), "a");
  EXPECT_EQ(token(R"({"token":"","access_token":"b"})"), "b");
  EXPECT_EQ(token(R"({"token":null,"access_token":"b","unknown":[1]})"), "b");
  EXPECT_EQ(token(R"({"token":"aZ09-._~+/=="})"), "aZ09-._~+/==");
}

TEST(TokenGrant, ThatIsMissingIsARefusal)
{
  for (const auto* body : {"{}", R"({"token":""})", R"({"token":null,"access_token":""})"}) {
    const auto grant = parsed(body);
    ASSERT_FALSE(grant) << body;
    EXPECT_EQ(grant.error().code, Errc::rejected) << body;
    EXPECT_THAT(grant.error().what, HasSubstr("auth.example returned no token")) << body;
  }
}

TEST(TokenGrant, ThatIsNonsenseIsAClearErrorThatQuotesNothing)
{
  const std::string cases[] = {
      "",
      "fake-body",
      "[]",
      "\"fake\"",
      "null",
      "<html>fake</html>",
      R"({"token":"fake")",
      R"({"token":5})",
      R"({"token":["fake"]})",
      R"({"token":"fake","access_token":{}})",
      R"({"token":"fake\r\nX: y"})",
      R"({"token":"fake\u0000"})",
      R"({"token":"fake fake"})",
      R"({"token":"fäke"})",
      R"({"token":"fa=ke"})",
      R"({"token":"==="})",
      R"({"token":"fake","refresh_token":"fake\n"})",
      R"({"token":"fake","refresh_token":7})",
      R"({"token":")" + std::string((64 << 10) + 1, 'a') + "\"}",
      std::string(17, '[') + "fake" + std::string(17, ']'),
  };
  for (const auto& body : cases) {
    const auto grant = parsed(body);
    ASSERT_FALSE(grant) << body;
    EXPECT_EQ(grant.error().code, Errc::protocol_error) << body;
    EXPECT_THAT(grant.error().what, HasSubstr("auth.example")) << body;
    EXPECT_THAT(grant.error().what, testing::Not(HasSubstr("fake"))) << body;
  }
  EXPECT_THAT(parsed("\n <!DOCTYPE html>").error().what, HasSubstr("HTML"));
}

// How long it lives

TEST(TokenGrant, LivesAsLongAsItSaysAndAtMostADay)
{
  EXPECT_EQ(life(with(R"("expires_in":300)")), 300s);
  EXPECT_EQ(life(with(R"("expires_in":"300")")), 300s);
  EXPECT_EQ(life(with(R"("expires_in":300.9)")), 300s);
  EXPECT_EQ(life(with(R"("expires_in":3e2)")), 300s);
  EXPECT_EQ(life(with(R"("expires_in":1)")), 1s);
  EXPECT_EQ(life(with(R"("expires_in":1000000000000000000)")), 24h);
  EXPECT_EQ(life(with(R"("expires_in":1e18)")), 24h);
  EXPECT_EQ(life(with(R"("expires_in":18446744073709551615)")), 24h);
  EXPECT_EQ(life(with(R"("expires_in":"1e18")")), 24h);
}

TEST(TokenGrant, LivesAMinuteWhereNothingIsSaid)
{
  EXPECT_EQ(life(parsed(R"({"token":"fake"})")), 60s);
  EXPECT_EQ(life(with(R"("expires_in":null)")), 60s);
}

TEST(TokenGrant, ThatHasExpiredIsAnError)
{
  for (const auto* said : {R"("expires_in":0)", R"("expires_in":-1)", R"("expires_in":-1e300)",
                           R"("expires_in":"0")", R"("expires_in":0.5)"}) {
    const auto grant = with(said);
    ASSERT_FALSE(grant) << said;
    EXPECT_EQ(grant.error().code, Errc::protocol_error) << said;
    EXPECT_THAT(grant.error().what, HasSubstr("already expired")) << said;
  }
  EXPECT_FALSE(parsed(jwt_body(R"({"exp":1787219999})")));
  EXPECT_FALSE(parsed(jwt_body(R"({"exp":1787220000})", R"(,"expires_in":300)")));
}

TEST(TokenGrant, WhoseLifeIsNoNumberIsAnError)
{
  for (const auto* said : {R"("expires_in":"soon")", R"("expires_in":true)", R"("expires_in":[])",
                           R"("expires_in":"")", R"("expires_in":"300s")", R"("expires_in":"nan")",
                           R"("expires_in":"inf")"})
    EXPECT_FALSE(with(said)) << said;
}

TEST(TokenGrant, IsShortenedByWhenItWasIssued)
{
  const auto issued = [](const std::string& at) {
    return life(with(R"("expires_in":300,"issued_at":")" + at + "\""));
  };
  EXPECT_EQ(issued("2026-08-20T10:00:00Z"), 300s);
  EXPECT_EQ(issued("2026-08-20T09:59:00Z"), 240s);
  EXPECT_EQ(issued("2026-08-20T09:59:00.123456789Z"), 240s);
  EXPECT_EQ(issued("2026-08-20T10:00:59Z"), 300s); // a little ahead never makes it longer
}

TEST(TokenGrant, IsNotShortenedByAClockThatCannotBeRight)
{
  for (const auto* at : {"2026-08-20T09:55:00Z", "2026-08-20T03:00:00Z", "2026-08-20T10:01:01Z",
                         "2199-01-01T00:00:00Z", "0001-01-01T00:00:00Z", "yesterday", ""})
    EXPECT_EQ(life(with(R"("expires_in":300,"issued_at":")" + std::string(at) + "\"")), 300s) << at;
  EXPECT_EQ(life(with(R"("expires_in":300,"issued_at":5)")), 300s);
}

TEST(TokenGrant, ThatIsAJwtEndsWhenItSays)
{
  EXPECT_EQ(life(parsed(jwt_body(R"({"exp":1787223600})"))), 3600s);
  EXPECT_EQ(life(parsed(jwt_body(R"({"exp":1787220100.5})", R"(,"expires_in":300)"))), 100s);
  EXPECT_EQ(life(parsed(jwt_body(R"({"exp":1787223600})", R"(,"expires_in":300)"))), 300s);
  EXPECT_EQ(life(parsed(jwt_body(R"({"exp":9e99})"))), 24h);
  EXPECT_EQ(life(parsed(jwt_body(R"({"exp":"1787223600"})"))), 60s); // no NumericDate
  EXPECT_EQ(life(parsed(jwt_body("{}"))), 60s);
  EXPECT_EQ(life(parsed(R"({"token":"not.a.jwt"})")), 60s);
  // issued_at says nothing of a life that only the JWT names.
  EXPECT_EQ(
      life(parsed(jwt_body(R"({"exp":1787223600})", R"(,"issued_at":"2026-08-20T09:59:59Z")"))),
      3600s);
}

// What it is good for

std::string granted(std::string_view body)
{
  const auto grant = parsed(body);
  if (!grant) return "error";
  return grant->granted ? grant->granted->text() : "unsaid";
}

TEST(TokenGrant, SaysWhatWasGranted)
{
  EXPECT_EQ(granted(R"({"token":"fake","scope":"repository:a:push,pull"})"),
            "repository:a:pull,push");
  EXPECT_EQ(granted(R"({"token":"fake"})"), "unsaid");
  EXPECT_EQ(granted(R"({"token":"fake","scope":""})"), "unsaid");
  EXPECT_EQ(granted(R"({"token":"fake","scope":"a\nb"})"), "unsaid");
  EXPECT_EQ(granted(R"({"token":"fake","scope":["a"]})"), "unsaid");
  EXPECT_EQ(
      granted(jwt_body(R"({"access":[{"type":"repository","name":"a/b","actions":["push","pull"]},
                                           {"type":"registry","name":"catalog","actions":["*"]}]})")),
      "registry:catalog:* repository:a/b:pull,push");
  EXPECT_EQ(granted(jwt_body(R"({"access":[{"type":"repository","name":"a","actions":["pull"]}]})",
                             R"(,"scope":"repository:b:pull")")),
            "repository:b:pull");
}

TEST(TokenGrant, SaysThatNothingWasGranted)
{
  EXPECT_EQ(granted(jwt_body(R"({"access":[]})")), "");
  EXPECT_EQ(granted(jwt_body(R"({"access":null})")), "");
  EXPECT_EQ(granted(jwt_body(R"({"access":[{"type":"repository","name":"a","actions":[]}]})")), "");
}

TEST(TokenGrant, TakesNoRightFromAnAccessEntryThatIsMalformed)
{
  for (const auto* entry : {"5", "{}", R"({"type":"repository","name":"a","actions":"pull"})",
                            R"({"type":"repository","name":"a b","actions":["pull"]})",
                            R"({"type":"repository","name":"a","actions":["pull x:y:z"]})",
                            R"({"type":"repository","name":"a","actions":["x:pull"]})",
                            R"({"type":"repository","name":"a","actions":[5]})"})
    EXPECT_EQ(granted(jwt_body(R"({"access":[)" + std::string(entry) + "]}")), "") << entry;
}

TEST(TokenGrant, HasTheRefreshTokenThatIsThere)
{
  const auto grant = with(R"("refresh_token":"fake refresh!")");
  ASSERT_TRUE(grant && grant->refresh_token);
  EXPECT_EQ(grant->refresh_token->reveal(), "fake refresh!");
  EXPECT_FALSE(with(R"("refresh_token":"")")->refresh_token);
  EXPECT_FALSE(with(R"("refresh_token":null)")->refresh_token);
}

} // namespace
} // namespace purser
