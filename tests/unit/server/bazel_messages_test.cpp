#include "daemon/server/bazel_messages.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser::bazel {
namespace {

std::string uri_of(std::string_view json)
{
  const auto uri = parse_request(json);
  return uri ? *uri : "(refused)";
}

std::string
headers_for(std::string username, std::string_view secret, std::string_view expires = "")
{
  const auto made = headers(Handout(std::move(username), Secret(secret)), expires);
  return made ? std::string(made->begin(), made->end()) : "(refused)";
}

TEST(BazelRequest, IsUnderstood)
{
  EXPECT_EQ(uri_of(R"({"uri":"https://r.example/a"})"), "https://r.example/a");
  EXPECT_EQ(uri_of("{ \"uri\" : \"https:\\/\\/r.example\\/?a\\u003db\" }\n"),
            "https://r.example/?a=b");
  EXPECT_EQ(uri_of(R"({"later":{"uri":"x"},"uri":"u","more":[1]})"), "u");
}

TEST(BazelRequest, ThatIsNoneIsRefused)
{
  for (const std::string_view json :
       {"", "{}", "[]", "\"uri\"", "null", R"({"uri":null})", R"({"uri":1})", R"({"uri":["u"]})",
        R"({"Uri":"u"})", R"({"uri":"u","uri":"u"})", R"({"uri":"u","uri":"v"})",
        R"({"uri":"u"}{})", R"({"uri":"u"} x)", R"({"uri":"u",})", R"({"uri":"u")",
        R"(/* c */{"uri":"u"})", "{\"uri\":\"\xff\"}", "{\"uri\":\"a\nb\"}"})
    EXPECT_EQ(uri_of(json), "(refused)") << json;
  EXPECT_EQ(uri_of("{\"a\":" + std::string(50, '[') + std::string(50, ']') + ",\"uri\":\"u\"}"),
            "(refused)");
  for (const std::string_view after_nul : {"", "{}", "{\"x\"", "\n"})
    EXPECT_EQ(uri_of("{\"uri\":\"u\"}" + std::string(1, '\0') + std::string(after_nul)),
              "(refused)");
}

TEST(BazelRequest, IsNeverQuoted)
{
  const auto refused = parse_request(R"({"uri":"u","uri":"fake-secret")");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find("fake-secret"), std::string::npos);
  EXPECT_EQ(refused.error().code, Errc::bad_request);
}

TEST(BazelHeaders, AreBasicOverUtf8)
{
  EXPECT_EQ(headers_for("AWS", "fake-password", "2026-01-01T00:00:00Z"),
            "{\"headers\":{\"Authorization\":[\"Basic QVdTOmZha2UtcGFzc3dvcmQ=\"]},"
            "\"expires\":\"2026-01-01T00:00:00Z\"}\n");
  EXPECT_EQ(headers_for("j\xc3\xbcrgen", "\xe2\x82\xac:x"),
            "{\"headers\":{\"Authorization\":[\"Basic asO8cmdlbjrigqw6eA==\"]}}\n");
}

TEST(BazelHeaders, ThatBasicCannotCarryAreRefused)
{
  EXPECT_EQ(headers_for("<token>", "fake-token"), "(refused)");
  EXPECT_EQ(headers_for("a:b", "fake-password"), "(refused)");
  EXPECT_EQ(headers_for("a\r\nX-Evil: b", "fake-password"), "(refused)");
  EXPECT_EQ(headers_for("ann", "fake\npassword"), "(refused)");
  EXPECT_EQ(headers_for("ann", std::string_view("a\0b", 3)), "(refused)");
}

} // namespace
} // namespace purser::bazel
