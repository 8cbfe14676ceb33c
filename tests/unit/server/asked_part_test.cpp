#include "daemon/server/asked_part.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

constexpr std::string_view k_path = "/v1/audit";

TEST(AskedPart, IsAllWhereNothingIsSaid)
{
  const auto part = asked_part("/v1/audit", k_path);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->after_in("86-42"), 0U);
}

TEST(AskedPart, BeginsBehindANumberOfTheSameRun)
{
  const auto part = asked_part("/v1/audit?run=86-42&after=17", k_path);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->after_in("86-42"), 17U);
  EXPECT_EQ(part->after_in("99-42"), 0U); // another daemon's numbers mean nothing
}

TEST(AskedPart, RefusesWhatItDoesNotKnow)
{
  for (const std::string query :
       {"after=", "after=x", "after=-1", "after=1x", "after=99999999999999999999",
        "run=", "run=a%20b", "since=1", "after", "after=1&&run=a", "&"})
    EXPECT_FALSE(asked_part("/v1/audit?" + query, k_path)) << query;
  EXPECT_FALSE(asked_part("/v1/audit?run=" + std::string(65, 'a'), k_path));
}

TEST(AskedPart, APathIsNotItsBeginning)
{
  EXPECT_TRUE(is_at("/v1/audit", k_path));
  EXPECT_TRUE(is_at("/v1/audit?after=1", k_path));
  EXPECT_FALSE(is_at("/v1/auditor", k_path));
  EXPECT_FALSE(is_at("/v1/audi", k_path));
}

} // namespace
} // namespace purser
