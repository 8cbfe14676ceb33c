#include "daemon/providers/aws/keys/token_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>

#include <string>
#include <string_view>

namespace purser::aws {
namespace {
using testing::HasSubstr;

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
