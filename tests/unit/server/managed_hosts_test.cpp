#include "daemon/server/managed_hosts.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

Rule rule(std::string match, bool anonymous = false)
{
  Rule rule;
  rule.match = std::move(match);
  rule.anonymous = anonymous;
  return rule;
}

TEST(ManagedHosts, AreRulesAndStoredKeysSortedAndOnce)
{
  EXPECT_EQ(managed_hosts({rule("z.example"), rule("*.b.example"), rule("ghcr.io")},
                          {StoredName{"ghcr.io", "bob"}, StoredName{"a.example/team", "ann"}}),
            "*.b.example\na.example/team\nghcr.io\nz.example\n");
}

// Its clients may rightly go on without us.
TEST(ManagedHosts, LeaveOutWhereAnonymousUseIsRight)
{
  EXPECT_EQ(managed_hosts({rule("public.example", true)}, {}), "");
}

} // namespace
} // namespace purser
