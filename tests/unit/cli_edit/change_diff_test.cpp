#include "cli/edit/change_diff.hpp"
#include "cli/edit/json_mask.hpp"

#include <gtest/gtest.h>

#include <array>

namespace purser::cli {
namespace {

std::string diff(std::string_view before, std::string_view after, std::size_t context = 3)
{
  return unified_diff(before, after, {"a", "b"}, context);
}

TEST(ChangeDiff, ShowsAChangeWithWhatIsAroundIt)
{
  EXPECT_EQ(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"),
            "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  EXPECT_EQ(diff("1\n2\n3\n", "1\n2\n3\n4\n", 0), "--- a\n+++ b\n@@ -3,0 +4 @@\n+4\n");
  EXPECT_EQ(diff("1\n", "1\n2\n3\n", 0), "--- a\n+++ b\n@@ -1,0 +2,2 @@\n+2\n+3\n");
  EXPECT_EQ(diff("1\n", "1\n"), "");
}

TEST(ChangeDiff, ShowsAFileThatBeginsOrEnds)
{
  EXPECT_EQ(diff("", "1\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+1\n");
  EXPECT_EQ(diff("1\n2\n", ""), "--- a\n+++ b\n@@ -1,2 +0,0 @@\n-1\n-2\n");
  EXPECT_EQ(diff("1", "1\n"), "--- a\n+++ b\n@@ -1 +1 @@\n-1\n\\ No newline at end of file\n+1\n");
}

TEST(ChangeDiff, FarChangesAreTwoHunksAndNearOnesOne)
{
  EXPECT_EQ(diff("1\n2\n3\n4\n5\n", "x\n2\n3\n4\ny\n", 1),
            "--- a\n+++ b\n@@ -1,2 +1,2 @@\n-1\n+x\n 2\n@@ -4,2 +4,2 @@\n 4\n-5\n+y\n");
  EXPECT_EQ(diff("1\n2\n3\n", "x\n2\ny\n", 1),
            "--- a\n+++ b\n@@ -1,3 +1,3 @@\n-1\n+x\n 2\n-3\n+y\n");
}

TEST(ChangeDiff, DoesNotLetATextCommandTheTerminal)
{
  EXPECT_EQ(diff("", "\ta\x1b[2Jb\r\n"), "--- a\n+++ b\n@@ -0,0 +1 @@\n+\ta?[2Jb\n");
}

TEST(ChangeDiff, ManyLinesTakeNoTime)
{
  std::string before;
  std::string after;
  for (int i = 0; i < 50000; ++i) {
    before += std::to_string(i) + "\n";
    after += std::to_string(-i - 1) + "\n";
  }
  EXPECT_NE(diff(before, after).find("@@ -1,50000 +1,50000 @@"), std::string::npos);
}

TEST(JsonMask, ShowsNoValueButThoseOfTheNamedMembers)
{
  constexpr std::array<std::string_view, 2> shown{"credsStore", "credHelpers"};
  EXPECT_EQ(masked_json(R"({"auths": {"h": {"auth": "c2VjcmV0", "n": 12, "l": ["x"]}},
 "credsStore": "pass", "HttpHeaders": {"Authorization" : "secret"}, "credHelpers": {"h": "x"}})",
                        shown),
            R"({"auths": {"h": {"auth": "***", "n": "***", "l": ["***"]}},
 "credsStore": "pass", "HttpHeaders": {"Authorization" : "***"}, "credHelpers": {"h": "x"}})");
  EXPECT_EQ(masked_json("", shown), "");
}

} // namespace
} // namespace purser::cli
