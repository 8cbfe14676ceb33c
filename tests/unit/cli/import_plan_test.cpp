#include "cli/import/import_plan.hpp"
#include "cli/import/import_report.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <utility>

namespace purser::cli {
namespace {

FoundEntry found(const std::string& name,
                 const std::string& username,
                 const std::string& secret,
                 const std::string& source = "/home/ann/config.json")
{
  FoundEntry entry(source, name);
  entry.key = RegistryKey::parse(name);
  entry.login.emplace(username, Secret(secret));
  entry.plain = {{"auths", name, "auth"}};
  return entry;
}

struct ImportPlanTest : testing::Test {
  std::vector<FoundEntry> entries;
  Standings standings;

  void stored(const std::string& key, const std::string& username, const std::string& secret)
  {
    standings[key].stored.emplace(username, Secret(secret));
  }
  std::vector<PlannedEntry> plan(bool overwrite = false)
  {
    return plan_import(std::move(entries), standings, overwrite);
  }
};

TEST_F(ImportPlanTest, WhatIsNotStoredIsImported)
{
  entries.push_back(found("reg.example", "ann", "fake"));
  const auto made = plan();
  ASSERT_EQ(made.size(), 1U);
  EXPECT_EQ(made[0].fate, Fate::import);
}

TEST_F(ImportPlanTest, TheSameIsSkippedAndAnotherIsAConflict)
{
  entries.push_back(found("https://a.example/v2/", "ann", "fake"));
  entries.push_back(found("b.example", "ann", "fake"));
  entries.push_back(found("c.example", "ann", "fake"));
  stored("a.example", "ann", "fake");
  stored("b.example", "ann", "other");
  stored("c.example", "bob", "fake");
  const auto made = plan();
  EXPECT_EQ(made[0].fate, Fate::present);
  EXPECT_EQ(made[1].fate, Fate::conflict);
  EXPECT_EQ(made[2].fate, Fate::conflict);
  EXPECT_EQ(made[2].why, "another one is stored, of user bob: --overwrite replaces it");
}

TEST_F(ImportPlanTest, OverwritingIsForWhoAsksForIt)
{
  entries.push_back(found("b.example", "ann", "fake"));
  stored("b.example", "ann", "other");
  EXPECT_EQ(plan(true)[0].fate, Fate::replace);
}

TEST_F(ImportPlanTest, TwoSpellingsThatDifferAreAConflictThatOverwritingDoesNotSettle)
{
  entries.push_back(found("docker.io", "ann", "fake"));
  entries.push_back(found("https://index.docker.io/v1/", "ann", "other", "/home/ann/auth.json"));
  entries.push_back(found("c.example", "ann", "fake"));
  const auto made = plan(true);
  EXPECT_EQ(made[0].fate, Fate::conflict);
  EXPECT_EQ(made[1].fate, Fate::conflict);
  EXPECT_EQ(made[2].fate, Fate::import);
  EXPECT_EQ(made[0].why, "another one is in /home/ann/auth.json as https://index.docker.io/v1/: "
                         "remove the wrong one, or import one file alone");
}

TEST_F(ImportPlanTest, TwoSpellingsOfOneCredentialAreBothTaken)
{
  entries.push_back(found("docker.io", "ann", "fake"));
  entries.push_back(found("https://index.docker.io/v1/", "ann", "fake"));
  const auto made = plan();
  EXPECT_EQ(made[0].fate, Fate::import);
  EXPECT_EQ(made[1].fate, Fate::import);
}

TEST_F(ImportPlanTest, ARepositorysIsNotItsRegistrys)
{
  entries.push_back(found("reg.example", "ann", "fake"));
  entries.push_back(found("reg.example/team", "bob", "other"));
  const auto made = plan();
  EXPECT_EQ(made[0].fate, Fate::import);
  EXPECT_EQ(made[1].fate, Fate::import);
}

TEST_F(ImportPlanTest, WhatPurserMintsForIsLeft)
{
  entries.push_back(found("reg.example", "AWS", "fake"));
  standings["reg.example"].minted_by = "ecr";
  EXPECT_EQ(plan(true)[0].fate, Fate::minted);
}

TEST_F(ImportPlanTest, WhatCannotBeCarriedSaysWhy)
{
  FoundEntry broken("f", "reg.example");
  broken.key = RegistryKey::parse("reg.example");
  broken.trouble = "its auth is not base64";
  entries.push_back(std::move(broken));
  entries.emplace_back("f", "no registry");
  const auto made = plan();
  EXPECT_EQ(made[0].fate, Fate::unusable);
  EXPECT_EQ(made[0].why, "its auth is not base64");
  EXPECT_EQ(made[1].fate, Fate::unusable);
}

TEST_F(ImportPlanTest, ThePlanThatIsShownHasNoSecretAndNoControlCharacter)
{
  entries.push_back(found("reg.example", "ann\x1b[31m", "fake-password"));
  const auto made = plan();
  std::ostringstream out;
  print_plan(made, PlainText::where_asked, out);
  EXPECT_EQ(out.str(),
            "REGISTRY     USER      FROM                   WHAT\n"
            "reg.example  ann?[31m  /home/ann/config.json  import; its plain text goes\n");
  EXPECT_EQ(json_report(made, {}, PlainText::where_asked).dump().find("fake-password"),
            std::string::npos);
}

TEST_F(ImportPlanTest, PlainTextGoesAsAskedFor)
{
  auto entry = found("reg.example", "ann", "fake");
  EXPECT_TRUE(goes(entry, PlainText::where_asked));
  entry.keep_plain = "its clients do not ask purser for it yet";
  EXPECT_FALSE(goes(entry, PlainText::where_asked));
  EXPECT_TRUE(goes(entry, PlainText::remove));
  EXPECT_FALSE(goes(entry, PlainText::keep));
}

} // namespace
} // namespace purser::cli
