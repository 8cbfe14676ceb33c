#include "daemon/providers/aging_table.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr BootTime t0{};

TEST(AgingTable, ForgetsAtAnAge)
{
  AgingTable<int> table(10, 10s);
  table.put("a", 1, t0);
  EXPECT_EQ(*table.find("a", t0 + 9s), 1);
  EXPECT_EQ(table.find("a", t0 + 10s), nullptr);
  EXPECT_EQ(table.size(), 0U);
}

TEST(AgingTable, TouchingMakesYoung)
{
  AgingTable<int> table(10, 10s);
  table.put("a", 1, t0);
  table.put("b", 2, t0 + 1s);
  EXPECT_TRUE(table.touch("a", t0 + 9s));
  EXPECT_NE(table.find("a", t0 + 18s), nullptr);
  EXPECT_EQ(table.find("b", t0 + 18s), nullptr);
  EXPECT_FALSE(table.touch("b", t0 + 18s));
}

TEST(AgingTable, FindingDoesNotMakeYoung)
{
  AgingTable<int> table(10, 10s);
  table.put("a", 1, t0);
  EXPECT_NE(table.find("a", t0 + 9s), nullptr);
  EXPECT_EQ(table.find("a", t0 + 11s), nullptr);
}

TEST(AgingTable, DropsTheOldestOfTooMany)
{
  AgingTable<int> table(2, 10s);
  table.put("a", 1, t0);
  table.put("b", 2, t0);
  table.put("a", 3, t0); // again: now the youngest
  table.put("c", 4, t0);
  EXPECT_EQ(table.size(), 2U);
  EXPECT_EQ(table.find("b", t0), nullptr);
  EXPECT_EQ(*table.find("a", t0), 3);
  EXPECT_EQ(*table.find("c", t0), 4);
}

} // namespace
} // namespace purser
