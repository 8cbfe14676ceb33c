#include "daemon/registry/token_refusal.hpp"
#include "tests/support/jwt.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace purser {
namespace {

using namespace std::chrono_literals;

Error refusal(unsigned status,
              std::string_view body,
              const std::vector<std::string_view>& sent = {})
{
  return token_refusal(status, Secret(body), std::nullopt, "auth.example", sent);
}

// What stands behind the status.
std::string words(std::string_view body, const std::vector<std::string_view>& sent = {})
{
  const auto what = refusal(403, body, sent).what;
  const std::string_view before = "the token endpoint at auth.example gave no token (HTTP 403)";
  EXPECT_TRUE(what.starts_with(before)) << what;
  return what.size() == before.size() ? "" : what.substr(before.size() + 2);
}

TEST(TokenRefusal, SaysWhatCanBeDoneAboutIt)
{
  EXPECT_EQ(refusal(401, "").code, Errc::rejected);
  EXPECT_EQ(refusal(400, R"({"error":"invalid_grant"})").code, Errc::rejected);
  EXPECT_EQ(refusal(400, R"({"error":"unsupported_grant_type"})").code, Errc::protocol_error);
  EXPECT_EQ(refusal(403, "").code, Errc::forbidden);
  EXPECT_EQ(refusal(404, "").code, Errc::protocol_error);
  EXPECT_EQ(refusal(405, "").code, Errc::protocol_error);
  EXPECT_EQ(refusal(408, "").code, Errc::transient);
  EXPECT_EQ(refusal(429, "").code, Errc::throttled);
  for (const unsigned status : {500U, 502U, 503U, 504U})
    EXPECT_EQ(refusal(status, "").code, Errc::transient) << status;
  for (const unsigned status : {301U, 302U, 303U, 307U, 308U})
    EXPECT_EQ(refusal(status, "").code, Errc::unsafe) << status;
}

TEST(TokenRefusal, KnowsWhenToAskAgain)
{
  const auto error = token_refusal(429, Secret(""), 90s, "auth.example");
  EXPECT_EQ(error.retry_after, 90s);
  EXPECT_EQ(refusal(429, "").retry_after, std::nullopt);
}

TEST(TokenRefusal, HasTheServersOwnWords)
{
  EXPECT_EQ(words(R"({"errors":[{"code":"DENIED","message":"access forbidden","detail":{}}]})"),
            "DENIED: access forbidden");
  EXPECT_EQ(words(R"({"errors":[{"code":"A"},{"message":"b"},{"code":"C"},{"code":"D"}]})"),
            "A; b; C");
  EXPECT_EQ(words(R"({"error":"invalid_scope","error_description":"no such scope"})"),
            "invalid_scope: no such scope");
  EXPECT_EQ(words(R"({"details":"incorrect username or password"})"),
            "incorrect username or password");
  EXPECT_EQ(words("Auth failed.\n"), "Auth failed.");
  EXPECT_EQ(words(""), "");
  EXPECT_EQ(words("{}"), "");
  EXPECT_EQ(words(R"({"errors":5,"error":[]})"), "");
  EXPECT_EQ(words("<html><body>403</body></html>"), "");
}

TEST(TokenRefusal, IsOneShortLine)
{
  EXPECT_EQ(words("one\r\n\ttwo\x1b[31m \xc3\xa4"), "one two?[31m ??");
  const auto longest = words(std::string(100'000, 'a') + " b");
  EXPECT_LE(longest.size(), 512U);
  std::string sentences;
  for (int i = 0; i < 500; ++i)
    sentences += "no access ";
  EXPECT_EQ(words(sentences).size(), 512U);
}

TEST(TokenRefusal, RepeatsNoSecretThatWasSent)
{
  EXPECT_EQ(words("bad password hunter2 for ann", {"hunter2"}), "bad password [redacted] for ann");
  EXPECT_EQ(words(R"({"message":"fake\u0020pass!"})", {"fake pass!", ""}), "[redacted]");
}

TEST(TokenRefusal, RepeatsNothingThatLooksLikeASecret)
{
  const auto token = test::jwt(R"({"sub":"ann","exp":1787223600})", "c2lnbmF0dXJlOTk5OTk5OTk");
  const auto said = words("expired: " + token);
  EXPECT_EQ(said.find("eyJ"), std::string::npos) << said;
  EXPECT_EQ(said, "expired: [redacted].[redacted].[redacted]");
  EXPECT_EQ(words("key 0123456789abcdef0123456789abcdef is wrong"), "key [redacted] is wrong");
  EXPECT_EQ(words("dckr_pat_FakeFakeFake123"), "[redacted]");
}

TEST(TokenRefusal, LeavesNamesAsTheyAre)
{
  for (const auto* text : {"requested access to team-1/services/backend/payment-service denied",
                           "UNAUTHORIZED: authentication required",
                           "repository registry-1.example.com/library/alpine-3.19 not found"})
    EXPECT_EQ(words(text), text);
}

} // namespace
} // namespace purser
