#include "daemon/config/closest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace purser {
namespace {

constexpr std::array<std::string_view, 4> k_words{"match", "provider", "profile", "region"};

std::string closest(std::string_view typed)
{
  return std::string(closest_word(typed, k_words).value_or("-"));
}

TEST(ClosestWord, CountsOneStepForEachKindOfMistake)
{
  EXPECT_EQ(closest("matc"), "match");   // left out
  EXPECT_EQ(closest("mattch"), "match"); // one too many
  EXPECT_EQ(closest("metch"), "match");  // another
  EXPECT_EQ(closest("mathc"), "match");  // swapped
  EXPECT_EQ(closest("Provider"), "provider");
}

TEST(ClosestWord, PrefersTheNearer)
{
  EXPECT_EQ(closest("profil"), "profile");
  EXPECT_EQ(closest("provide"), "provider");
}

TEST(ClosestWord, TakesNoMoreStepsThanItMay)
{
  EXPECT_EQ(closest_word("mtchh", k_words, 2), "match");
  EXPECT_EQ(closest_word("mtchh", k_words, 1), std::nullopt);
}

TEST(ClosestWord, HasNothingForAnotherWord)
{
  EXPECT_EQ(closest("zzzzzzzz"), "-");
  EXPECT_EQ(closest("x"), "-");
  EXPECT_EQ(closest(""), "-");
  EXPECT_EQ(closest(std::string(100'000, 'm')), "-");
}

} // namespace
} // namespace purser
