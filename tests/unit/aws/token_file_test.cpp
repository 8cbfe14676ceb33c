#include "daemon/providers/aws/keys/token_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
using testing::HasSubstr;

std::string base64url(std::string_view bytes)
{
  std::string text(bytes.size() * 2 + 4, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text.substr(0, text.find('='));
}

std::string jwt(std::string_view claims, std::string_view signature = "ZmFrZQ")
{
  return base64url(R"({"alg":"RS256"})") + "." + base64url(claims) + "." + std::string(signature);
}

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
      "a.AAAAA.c",                               // five characters end in no byte
      "a." + base64url("not JSON") + ".c",       //
      "a." + base64url("[]") + ".c",             //
      "a." + base64url(R"({"iss":"i"})") + ".c", // nobody
      "a." + base64url("{\"sub\":\"\xff\"}") + ".c",
      "a." + base64url("{\"sub\":" + std::string(50'000, '[')) + ".c",
  };
  std::set<std::string> subjects{subject(good)};
  for (const auto& token : others) {
    EXPECT_TRUE(subjects.insert(subject(token)).second) << token;
    EXPECT_EQ(subject(token), subject(token));
    EXPECT_THAT(subject(token), HasSubstr(token));
  }
}

// Files

struct TokenFileTest : testing::Test {
  // The token; or the error, which names the file.
  std::string read(std::string_view name) const
  {
    const auto token = read_token_file(folder / name);
    if (token) return std::string(token->reveal());
    EXPECT_EQ(token.error().code, Errc::misconfigured);
    EXPECT_THAT(token.error().what, HasSubstr(folder / name));
    return "error: " + token.error().what;
  }
  std::string read_back(std::string_view bytes) const
  {
    put_file(folder / "token", bytes);
    return read("token");
  }

  const TemporaryFolder folder;
};

TEST_F(TokenFileTest, BlanksAroundATokenAreNotOfIt)
{
  for (const auto* text :
       {"fake-token", "fake-token\n", "fake-token\r\n", "\n fake-token \t\n\n", "fake-token  "})
    EXPECT_EQ(read_back(text), "fake-token") << text;
}

TEST_F(TokenFileTest, ASymbolicLinkIsFollowed)
{
  // As the kubelet makes them, to change all at once.
  put_file(folder / "..data", "fake-token\n");
  std::filesystem::create_symlink("..data", folder / "token");
  EXPECT_EQ(read("token"), "fake-token");
}

TEST_F(TokenFileTest, WhatIsMissingOrNoFileIsSaid)
{
  EXPECT_THAT(read("missing"), HasSubstr("cannot be read: No such file"));
  std::filesystem::create_directory(folder / "folder");
  EXPECT_THAT(read("folder"), HasSubstr("is no plain file"));
  EXPECT_THAT(read_token_file("/dev/zero").error().what, HasSubstr("is no plain file"));
}

TEST_F(TokenFileTest, APipeHoldsNobodyUp)
{
  ASSERT_EQ(mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(read("pipe"), HasSubstr("is no plain file"));
}

TEST_F(TokenFileTest, EmptyIsSaid)
{
  for (const auto* text : {"", "\n", " \t\r\n"})
    EXPECT_THAT(read_back(text), HasSubstr("is empty"));
}

TEST_F(TokenFileTest, SeveralLinesAreNoToken)
{
  for (const auto* text : {"fake\ntoken", "fake\rtoken\n", "-----BEGIN X-----\nfake\n"}) {
    const auto error = read_back(text);
    EXPECT_THAT(error, HasSubstr("has several lines"));
    EXPECT_THAT(error, testing::Not(HasSubstr("fake")));
  }
}

TEST_F(TokenFileTest, HasALargestSize)
{
  constexpr std::size_t k_largest = 65536;
  EXPECT_EQ(read_back(std::string(k_largest, 'x')).size(), k_largest);
  EXPECT_THAT(read_back(std::string(k_largest + 1, 'x')), HasSubstr("is over 64 KiB"));
}

} // namespace
} // namespace purser::aws
