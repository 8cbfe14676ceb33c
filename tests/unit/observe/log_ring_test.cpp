#include "daemon/observe/log_ring.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace purser {
namespace {

using namespace std::chrono_literals;

const WallTime t0{1'700'000'000s};

TEST(LogRing, GivesTheLinesAfterANumber)
{
  LogRing ring;
  EXPECT_EQ(ring.last(), 0U);
  for (const char* text : {"one", "two", "three"})
    ring.add(t0, "info", text);
  EXPECT_EQ(ring.last(), 3U);
  const auto lines = ring.since(1);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0].number, 2U);
  EXPECT_EQ(lines[0].text, "two");
  EXPECT_EQ(lines[1].number, 3U);
  EXPECT_TRUE(ring.since(3).empty());
  EXPECT_TRUE(ring.since(99).empty());
}

TEST(LogRing, ForgetsTheOldestAndNeverTakesMoreThanItMay)
{
  LogRing ring;
  for (int i = 0; i < 10'000; ++i)
    ring.add(t0, "warning", std::string(100, 'x'));
  const auto lines = ring.since(0);
  EXPECT_EQ(lines.back().number, 10'000U);
  EXPECT_EQ(lines.front().number, 10'001U - lines.size());
  EXPECT_LE(lines.size() * (sizeof(LogLine) + 100), LogRing::k_max_bytes);
  EXPECT_GT(lines.size(), 200U);
}

TEST(LogRing, KeepsALineThatIsLargerThanAllOfIt)
{
  LogRing ring;
  ring.add(t0, "info", "before");
  ring.add(t0, "info", std::string(LogRing::k_max_bytes, 'x'));
  ASSERT_EQ(ring.since(0).size(), 1U);
  ring.add(t0, "info", "after");
  ASSERT_EQ(ring.since(0).size(), 1U);
  EXPECT_EQ(ring.since(0)[0].text, "after");
}

} // namespace
} // namespace purser
