#include "daemon/tokens/scope_index.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace purser::test {
namespace {

const std::string k_ann = "family of ann";

ScopeSet scopes(std::string_view text)
{
  return ScopeSet::parse(text).value();
}

class ScopeIndexTest : public testing::Test {
protected:
  void ask(const std::string& family, const std::string& identity, std::string_view asked)
  {
    index.note_asked(family, "registry.example.com",
                     ScopeIndex::Entry(Identity(identity), scopes(asked)), now);
  }
  void grant(const std::string& identity, std::optional<ScopeSet> granted)
  {
    index.note_granted(k_ann, Identity(identity), std::move(granted));
  }
  [[nodiscard]] std::vector<std::string>
  covering(std::string_view wanted, bool doubt = true, const std::string& family = k_ann) const
  {
    std::vector<std::string> found;
    for (const auto& entry : index.covering(family, scopes(wanted), doubt))
      found.push_back(entry.identity.digest);
    return found;
  }

  ScopeIndex index;
  BootTime now{};
};

using Names = std::vector<std::string>;

TEST_F(ScopeIndexTest, FindsWhatHasAllThatIsWantedTheLeastOfItFirst)
{
  ask(k_ann, "all", "repository:a:*");
  ask(k_ann, "two", "repository:a:pull,push repository:b:pull");
  ask(k_ann, "both", "repository:a:pull,push");
  ask(k_ann, "other", "repository:b:pull,push");
  EXPECT_EQ(covering("repository:a:pull"), (Names{"all", "both", "two"}));
  EXPECT_EQ(covering("repository:a:pull repository:b:pull"), (Names{"two"}));
  EXPECT_EQ(covering("registry:catalog:*"), Names{});
}

TEST_F(ScopeIndexTest, WhatIsGrantedCountsAndNotWhatWasAsked)
{
  ask(k_ann, "both", "repository:a:pull,push");
  grant("both", scopes("repository:a:pull"));
  EXPECT_EQ(covering("repository:a:push"), Names{});
  EXPECT_EQ(covering("repository:a:pull"), Names{"both"});
}

TEST_F(ScopeIndexTest, WhatNobodySaysIsGivenTheBenefitOfTheDoubtOrNot)
{
  ask(k_ann, "both", "repository:a:pull,push");
  EXPECT_EQ(covering("repository:a:pull", false), Names{"both"}); // on its way: judged again
  grant("both", std::nullopt);
  EXPECT_EQ(covering("repository:a:pull", true), Names{"both"});
  EXPECT_EQ(covering("repository:a:pull", false), Names{});
}

TEST_F(ScopeIndexTest, FamiliesAreStrangers)
{
  ask("family of bob", "both", "repository:a:pull,push");
  EXPECT_EQ(covering("repository:a:pull"), Names{});
}

TEST_F(ScopeIndexTest, TheLeastRecentlyUsedMakesRoom)
{
  ask(k_ann, "first", "repository:a:pull");
  ask(k_ann, "second", "repository:a:pull");
  for (std::size_t i = 2; i < ScopeIndex::k_max_entries; ++i)
    ask(k_ann, "entry " + std::to_string(i), "repository:b:pull");
  ask(k_ann, "first", "repository:a:pull"); // again
  ask(k_ann, "one more", "repository:b:pull");
  EXPECT_EQ(covering("repository:a:pull"), Names{"first"});
  for (std::size_t i = 0; i < ScopeIndex::k_max_families; ++i) {
    now += std::chrono::seconds(1);
    ask("family " + std::to_string(i), "x", "repository:a:pull");
  }
  EXPECT_EQ(covering("repository:a:pull"), Names{});
}

TEST_F(ScopeIndexTest, ARegistryIsTakenAwayAsAWhole)
{
  ask(k_ann, "one", "repository:a:pull");
  ask("family of bob", "two", "repository:a:pull");
  EXPECT_TRUE(index.take("other.example.com").empty());
  EXPECT_EQ(index.take("registry.example.com").size(), 2U);
  EXPECT_EQ(covering("repository:a:pull"), Names{});
}

} // namespace
} // namespace purser::test
