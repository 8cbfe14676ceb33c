#include "daemon/store/store_choice.hpp"

#include <gtest/gtest.h>

#include <array>
#include <optional>

namespace purser {
namespace {

using Finding = KeyringFinding;

constexpr std::array k_findings{Finding::no_bus,
                                Finding::absent,
                                Finding::silent,
                                Finding::locked_and_empty,
                                Finding::locked_with_entries,
                                Finding::unlocked};

std::optional<StoreKind> decided(bool in_file, Finding keyring, bool storing)
{
  const auto decision = decide(StoreEvidence(in_file, keyring), storing);
  if (!decision) return std::nullopt;
  EXPECT_FALSE(decision->because.empty());
  return decision->kind;
}

TEST(StoreChoiceTest, WhoHasLoginsInTheFileStaysWithIt)
{
  for (const auto finding : k_findings)
    for (const bool storing : {false, true})
      EXPECT_EQ(decided(true, finding, storing), StoreKind::file);
}

TEST(StoreChoiceTest, AnUnlockedKeyringIsChosenByWhoeverAsksFirst)
{
  EXPECT_EQ(decided(false, Finding::unlocked, false), StoreKind::secret_service);
  EXPECT_EQ(decided(false, Finding::unlocked, true), StoreKind::secret_service);
}

TEST(StoreChoiceTest, WhoHasLoginsInTheKeyringStaysWithItThoughItIsLocked)
{
  EXPECT_EQ(decided(false, Finding::locked_with_entries, false), StoreKind::secret_service);
  EXPECT_EQ(decided(false, Finding::locked_with_entries, true), StoreKind::secret_service);
}

TEST(StoreChoiceTest, OtherwiseTheFirstLoginChoosesTheFileAndReadingChoosesNothing)
{
  for (const auto finding :
       {Finding::no_bus, Finding::absent, Finding::silent, Finding::locked_and_empty}) {
    EXPECT_EQ(decided(false, finding, false), std::nullopt);
    EXPECT_EQ(decided(false, finding, true), StoreKind::file);
  }
}

TEST(StoreChoiceTest, IsReadAsItWasWritten)
{
  StoreChoice choice(StoreKind::secret_service, "2026-01-02T03:04:05Z", "it answered");
  EXPECT_EQ(parse_choice(encode_choice(choice)).value(), choice);
  choice.leaving = StoreKind::file;
  EXPECT_EQ(parse_choice(encode_choice(choice)).value(), choice);
}

TEST(StoreChoiceTest, IsNotGuessed)
{
  for (const auto* text :
       {"", "file", "{}", "[]", R"({"version":2,"kind":"file","chosen_at":"","because":""})",
        R"({"version":1,"kind":"keyring","chosen_at":"","because":""})",
        R"({"version":1,"kind":"file","chosen_at":1,"because":""})",
        R"({"version":1,"kind":"file","chosen_at":"","because":"","leaving":"file"})",
        R"({"version":1,"kind":"file","chosen_at":"","because":"","leaving":"nowhere"})"})
    EXPECT_EQ(parse_choice(text).error().code, Errc::protocol_error) << text;
}

} // namespace
} // namespace purser
