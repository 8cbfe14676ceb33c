#include "daemon/formats/base64url.hpp"
#include "daemon/providers/aws/keys/jwt.hpp"
#include "tests/support/jwt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <set>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
using test::jwt;
using testing::HasSubstr;

std::string subject(std::string_view token)
{
  return std::string(subject_of(token).reveal());
}

// Subjects

TEST(SubjectOf, IsTheSameForANewTokenOfTheSame)
{
  constexpr std::string_view k_first =
      R"({"iss":"https://oidc","sub":"system:a:b","aud":["sts"],"iat":1,"exp":2,"jti":"x"})";
  constexpr std::string_view k_second =
      R"({"aud":["sts"],"exp":90002,"iat":90001,"iss":"https://oidc","sub":"system:a:b"})";
  EXPECT_EQ(subject(jwt(k_first)), subject(jwt(k_second, "YW5vdGhlcg")));
}

TEST(SubjectOf, IsAnotherForEveryOtherClaimThatCounts)
{
  const std::set<std::string> subjects{
      subject(jwt(R"({"iss":"i","sub":"s","aud":"a"})")),
      subject(jwt(R"({"iss":"i","sub":"other","aud":"a"})")),
      subject(jwt(R"({"iss":"other","sub":"s","aud":"a"})")),
      subject(jwt(R"({"iss":"i","sub":"s","aud":"other"})")),
      subject(jwt(R"({"iss":"i","sub":"s","aud":["a"]})")),
      subject(jwt(R"({"iss":"i","sub":"s"})")),
      subject(jwt(R"({"iss":"i","sub":["s"],"aud":"a"})")),
      subject(jwt(R"({"iss":"s","sub":"i","aud":"a"})")),
      subject(jwt(R"({"iss":"is","sub":"","aud":"a"})")),
  };
  EXPECT_EQ(subjects.size(), 9U);
}

// Every length of claims modulo three is another end of base64.
TEST(SubjectOf, IsReadWithoutPadding)
{
  for (const std::string_view filler : {"", "x", "xx", "xxx"}) {
    const auto claims = R"({"sub":"s","iss":"?>?>~~","jti":")" + std::string(filler) + R"("})";
    EXPECT_EQ(subject(jwt(claims)), subject(jwt(R"({"iss":"?>?>~~","sub":"s"})"))) << filler;
  }
}

TEST(SubjectOf, IsAllOfWhatIsNoJwt)
{
  const auto good = jwt(R"({"sub":"s"})");
  const std::array<std::string, 14> others{
      "",
      "opaque-token",
      ".",
      "..",
      "a.b",
      "a.b.c",
      "a.=.c",
      "a.!!!!.c",
      "a.AAAAA.c",                                      // five characters end in no byte
      "a." + encode_base64url("not JSON") + ".c",       //
      "a." + encode_base64url("[]") + ".c",             //
      "a." + encode_base64url(R"({"iss":"i"})") + ".c", // nobody
      "a." + encode_base64url("{\"sub\":\"\xff\"}") + ".c",
      "a." + encode_base64url("{\"sub\":" + std::string(50'000, '[')) + ".c",
  };
  std::set<std::string> subjects{subject(good)};
  for (const auto& token : others) {
    EXPECT_TRUE(subjects.insert(subject(token)).second) << token;
    EXPECT_EQ(subject(token), subject(token));
    EXPECT_THAT(subject(token), HasSubstr(token));
  }
}

// Which are tokens at all

TEST(IsJwt, WantsThreePartsAndSomebody)
{
  EXPECT_TRUE(is_jwt(jwt(R"({"iss":"i","sub":"s"})")));
  EXPECT_TRUE(is_jwt(jwt(R"({"iss":"i","sub":"s"})", ""))); // unsigned
  const auto good = jwt(R"({"iss":"i","sub":"s"})");
  for (const auto& bad : {std::string(), std::string("opaque"), jwt(R"({"iss":"i"})"),
                          jwt(R"({"sub":"s"})"), jwt("[]"), good + ".x", good + "\n", "a b" + good,
                          jwt(R"({"iss":"i","sub":"s"})", "+/="), good + std::string(20'000, 'x')})
    EXPECT_FALSE(is_jwt(bad)) << bad;
}

TEST(EndOf, IsWhatTheTokenSays)
{
  const WallTime end(std::chrono::seconds(1'800'000'000));
  EXPECT_EQ(end_of(jwt(R"({"exp":1800000000})")), end);
  EXPECT_EQ(end_of(jwt(R"({"exp":1800000000.5})")), end);
  for (const std::string_view claims : {"{}", "[]", R"({"exp":"1800000000"})", R"({"exp":-1})",
                                        R"({"exp":0})", R"({"exp":1e300})", R"({"exp":null})"})
    EXPECT_FALSE(end_of(jwt(claims))) << claims;
  EXPECT_FALSE(end_of("opaque"));
}

// Its letters

TEST(Base64Url, IsThatOfTheStandard)
{
  // RFC 4648, section 10, without padding.
  EXPECT_EQ(encode_base64url(""), "");
  EXPECT_EQ(encode_base64url("f"), "Zg");
  EXPECT_EQ(encode_base64url("fo"), "Zm8");
  EXPECT_EQ(encode_base64url("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode_base64url("\xfb\xff"), "-_8");
}

} // namespace
} // namespace purser::aws
