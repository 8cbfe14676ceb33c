#include "daemon/server/user_namespace.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

constexpr uid_t k_nobody = 65534;
constexpr uid_t k_ann = 1000;

TEST(UserNamespace, OutsideOfAllEachUserHasANumber)
{
  const UserNamespace all("         0          0 4294967295\n", "65534\n");
  EXPECT_TRUE(all.is_outermost());
  EXPECT_TRUE(all.tells_apart(k_ann));
  EXPECT_TRUE(all.tells_apart(k_nobody)) << "nobody is a user there";
}

TEST(UserNamespace, WithoutAMapAllAreTheSame)
{
  const UserNamespace none("", "65534\n");
  EXPECT_FALSE(none.is_outermost());
  EXPECT_FALSE(none.tells_apart(k_nobody));
}

TEST(UserNamespace, WhoIsMappedIsToldFromThoseWhoAreNot)
{
  const UserNamespace one("      1000       1000          1\n", "65534\n");
  EXPECT_FALSE(one.is_outermost());
  EXPECT_TRUE(one.tells_apart(k_ann));
  EXPECT_FALSE(one.tells_apart(k_nobody));
}

TEST(UserNamespace, NobodyOfAContainerIsAUserWhereThatIsMapped)
{
  const UserNamespace rootless("0 1000 1\n1 100000 65536\n", "65534\n");
  EXPECT_FALSE(rootless.is_outermost());
  EXPECT_TRUE(rootless.tells_apart(k_nobody));
}

TEST(UserNamespace, TheNumberOfThoseWithoutOneIsTheKernels)
{
  const UserNamespace other("0 1000 1\n", "99\n");
  EXPECT_FALSE(other.tells_apart(99));
  EXPECT_TRUE(other.tells_apart(k_nobody));
}

} // namespace
} // namespace purser
