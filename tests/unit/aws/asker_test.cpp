#include "daemon/providers/asker.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>

namespace purser {
namespace {

using namespace std::literals;

TEST(Environment, GivesValues)
{
  const Environment env("A=1\0B=x=y\0"sv);
  EXPECT_EQ(env.get("A"), "1");
  EXPECT_EQ(env.get("B"), "x=y");
  EXPECT_EQ(env.get("C"), std::nullopt);
  EXPECT_EQ(env.get(""), std::nullopt);
}

TEST(Environment, BlankIsUnset)
{
  const Environment env("A=\0B= \t \0C= 1 \0"sv);
  EXPECT_EQ(env.get("A"), std::nullopt);
  EXPECT_EQ(env.get("B"), std::nullopt);
  EXPECT_EQ(env.get("C"), "1");
}

TEST(Environment, TheFirstOfTwoWins)
{
  const Environment env("B=0\0A=1\0A=2\0AA=3\0A=4\0"sv);
  EXPECT_EQ(env.get("A"), "1");
  // Also where the first is blank: that is what the caller's own program would see.
  EXPECT_EQ(Environment("A=\0A=2\0"sv).get("A"), std::nullopt);
}

TEST(Environment, WhatIsNoVariableIsDropped)
{
  const Environment env("\0nonsense\0=1\0A=1"sv);
  EXPECT_EQ(env.get("A"), "1");
  EXPECT_EQ(env.get("nonsense"), std::nullopt);
}

TEST(Environment, MovesWithItsBytes)
{
  Environment env("A=1\0"sv);
  const Environment moved(std::move(env));
  EXPECT_EQ(moved.get("A"), "1");
}

static_assert(!std::is_copy_constructible_v<Environment>);

} // namespace
} // namespace purser
