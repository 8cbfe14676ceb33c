#include "common/secret.hpp"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <string>
#include <type_traits>

namespace purser {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<std::string_view, Secret>, "a Secret is made on purpose");
static_assert(!fmt::is_formattable<Secret>::value, "logging a Secret must not compile");
template <class T>
concept Streamable = requires(std::ostream& out, const T& value)
{
  out << value;
};
static_assert(!Streamable<Secret>);

TEST(Secret, GivesBackWhatItWasGiven)
{
  EXPECT_EQ(Secret("fake-password").reveal(), "fake-password");
  const std::string_view with_nul("fake\0pass", 9);
  EXPECT_EQ(Secret(with_nul).reveal(), with_nul);
}

TEST(Secret, IsEmptyByDefaultAndFromNothing)
{
  EXPECT_TRUE(Secret().empty());
  EXPECT_TRUE(Secret("").empty());
  EXPECT_EQ(Secret("").reveal(), "");
  EXPECT_FALSE(Secret("fake").empty());
}

TEST(Secret, MovesAndLeavesNothingBehind)
{
  Secret from("fake-password");
  Secret to(std::move(from));
  EXPECT_EQ(to.reveal(), "fake-password");
  EXPECT_TRUE(from.empty());    // NOLINT: what is left of a moved Secret is the fact
  EXPECT_EQ(from.reveal(), ""); // NOLINT

  Secret third("another-fake");
  third = std::move(to);
  EXPECT_EQ(third.reveal(), "fake-password");
  EXPECT_TRUE(to.empty()); // NOLINT
}

TEST(Secret, ClonesAreIndependent)
{
  Secret original("fake-password");
  const Secret copy = original.clone();
  original = Secret();
  EXPECT_EQ(copy.reveal(), "fake-password");
}

TEST(Secret, IsFilledInPlace)
{
  const auto secret =
      Secret::filled(4, [](std::span<char> bytes) { std::fill(bytes.begin(), bytes.end(), 'x'); });
  EXPECT_EQ(secret.reveal(), "xxxx");
  const auto none = Secret::filled(0, [](std::span<char> bytes) { EXPECT_EQ(bytes.size(), 0U); });
  EXPECT_TRUE(none.empty());
}

TEST(Secret, ComparesContents)
{
  EXPECT_TRUE(Secret("fake") == Secret("fake"));
  EXPECT_TRUE(Secret() == Secret(""));
  EXPECT_FALSE(Secret("fake") == Secret("fakf"));
  EXPECT_FALSE(Secret("fake") == Secret("fak"));
  EXPECT_FALSE(Secret("") == Secret("f"));
}

} // namespace
} // namespace purser
