#include "daemon/providers/ecr/ecr_messages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace purser::ecr {
namespace {

using namespace std::chrono_literals;

std::string answer(std::string_view token, std::string_view expires)
{
  return R"({"authorizationData":[{"authorizationToken":")" + std::string(token) +
         R"(","expiresAt":)" + std::string(expires) + "}]}";
}

// `AWS:fake-password:1`
constexpr std::string_view k_token = "QVdTOmZha2UtcGFzc3dvcmQ6MQ==";

TEST(EcrMessages, ATokenIsUserAndPassword)
{
  const auto issued = parse_token(Api::ecr, answer(k_token, "1.4E9"));
  ASSERT_TRUE(issued);
  EXPECT_EQ(issued->username, "AWS");
  EXPECT_EQ(issued->password.reveal(), "fake-password:1");
  EXPECT_EQ(issued->expires_at, WallTime(1400000000s));
}

TEST(EcrMessages, AnExpiryIsAnyNumber)
{
  EXPECT_EQ(parse_token(Api::ecr, answer(k_token, "1400000000"))->expires_at,
            WallTime(1400000000s));
  EXPECT_EQ(parse_token(Api::ecr, answer(k_token, "1400000000.5"))->expires_at,
            WallTime(1400000000500ms));
  EXPECT_GT(parse_token(Api::ecr, answer(k_token, "1e18"))->expires_at, WallTime(4000000000s));
  for (const std::string_view expires :
       {"0", "-1", "\"1400000000\"", "null", "[]", "true", "1e999"})
    EXPECT_FALSE(parse_token(Api::ecr, answer(k_token, expires))) << expires;
}

TEST(EcrMessages, OneApiHasAListAndTheOtherAnObject)
{
  const std::string list = answer(k_token, "1");
  const std::string object = R"({"authorizationData":{"authorizationToken":")" +
                             std::string(k_token) + R"(","expiresAt":1}})";
  EXPECT_TRUE(parse_token(Api::ecr, list));
  EXPECT_FALSE(parse_token(Api::ecr_public, list));
  EXPECT_TRUE(parse_token(Api::ecr_public, object));
  EXPECT_FALSE(parse_token(Api::ecr, object));
}

TEST(EcrMessages, WhatIsNoTokenIsRefused)
{
  constexpr std::array<std::string_view, 12> k_tokens{
      "",                 // empty
      "QVdT",             // AWS, without a colon
      "QVdTOg==",         // no password
      "OmZha2U=",         // no user name
      "QVdTOmZha2UKeA==", // a line feed in the password
      "QVdTOmZha2UNCng=", // CR and LF
      "QVdTOmZha2UAeA==", // NUL
      "QVdTOmZh a2U=",    // a blank in the base64
      "QVdTOmZha2U",      // no padding
      "QVdTOmZha2U=====", // too much
      "QVdT-mZha2U=",     // another alphabet
      "QVd=OmZha2U="};    // padding within
  for (const std::string_view token : k_tokens) {
    const auto issued = parse_token(Api::ecr, answer(token, "1400000000"));
    ASSERT_FALSE(issued) << token;
    EXPECT_EQ(issued.error().code, Errc::protocol_error);
  }
}

TEST(EcrMessages, WhatIsNoAnswerIsRefusedWithoutAWordOfIt)
{
  constexpr std::array<std::string_view, 12> k_bodies{
      "",
      "{}",
      "[]",
      "null",
      "fake-secret",
      "<html>",
      R"({"authorizationData":[]})",
      R"({"authorizationData":[17]})",
      R"({"authorizationData":"x"})",
      R"({"authorizationData":[{"expiresAt":1}]})",
      R"({"authorizationData":[{"authorizationToken":17,"expiresAt":1}]})",
      R"({"authorizationData":[{"authorizationToken":"QVdTOmZha2U=")"};
  for (const std::string_view body : k_bodies) {
    const auto issued = parse_token(Api::ecr, body);
    ASSERT_FALSE(issued) << body;
    EXPECT_EQ(issued.error().code, Errc::protocol_error);
    EXPECT_EQ(issued.error().what.find("fake"), std::string::npos);
  }
}

TEST(EcrMessages, DepthHasALimit)
{
  std::string deep = answer(k_token, "1");
  deep.insert(1, R"("x":)" + std::string(100000, '[') + std::string(100000, ']') + ",");
  EXPECT_FALSE(parse_token(Api::ecr, deep));
}

TEST(EcrMessages, BracketsInStringsHaveNoDepth)
{
  std::string body = answer(k_token, "1");
  body.insert(1, R"("x":"\")" + std::string(100, '[') + R"(",)");
  EXPECT_TRUE(parse_token(Api::ecr, body));
}

} // namespace
} // namespace purser::ecr
