#include "daemon/cache/cache_vault.hpp"
#include "daemon/cache/process_key.hpp"
#include "tests/support/kept_cache.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace purser::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct CacheVaultTest : testing::Test {
  // A process: it restores first, as all do.
  struct Process {
    CacheVault vault;
    ProcessKey key;
    CacheVault::Restored restored;

    Result<> save(std::string_view secret)
    {
      KeptCache kept;
      if (!secret.empty()) kept.tokens.push_back(kept_token(key.key(), "prod", secret));
      return vault.save(key.bytes(), kept, k_moment);
    }
    std::string token() const
    {
      if (!restored.process_key) return "(none)";
      const auto sealing_key = SealingKey::from_bytes(*restored.process_key).value();
      const auto secret = sealing_key.open(*restored.kept.tokens.at(0).sealed, "prod");
      return secret ? std::string(secret->reveal()) : "does not open";
    }
  };
  Process begun(CacheVault vault, const Moment& now = k_moment)
  {
    Process process{std::move(vault), {}, {}};
    process.restored = process.vault.restore(now);
    if (process.restored.process_key)
      (void)process.key.become(process.restored.process_key->clone());
    return process;
  }
  Process start(const Moment& now = k_moment)
  {
    return begun(CacheVault(path, credentials, ladder()), now);
  }
  // Under a service manager that keeps what it is given.
  Process start_supervised()
  {
    auto hand_over = [this](int descriptor) -> Result<> {
      if (refuses) return Error{Errc::transient, "refused"};
      held = FileDescriptor(::dup(descriptor));
      return {};
    };
    FileDescriptor passed(held.is_open() ? ::dup(held.number()) : -1);
    return begun(CacheVault(path, credentials, ladder(), std::move(passed), std::move(hand_over)));
  }
  static KeptCache too_large()
  {
    KeptCache kept;
    kept.overrides.push_back({"a.example", "", std::string(k_max_cache_size, 'x'), k_moment.boot});
    return kept;
  }
  KeyLadder ladder() const { return KeyLadder(KeyPlaces{"", "", folder / "kept/key"}); }

  const TemporaryFolder folder;
  const std::string path = folder / "state/cache";
  const std::string credentials = folder / "state/credentials";
  FileDescriptor held;
  bool refuses = false;
};

TEST_F(CacheVaultTest, TheNextProcessHasTheTokens)
{
  ASSERT_TRUE(start().save("fake-1"));
  EXPECT_EQ(start().token(), "fake-1");
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(CacheVaultTest, WhereNothingWasKeptThereIsNoTrouble)
{
  const auto process = start();
  EXPECT_EQ(process.token(), "(none)");
  EXPECT_EQ(process.restored.trouble, "");
  EXPECT_FALSE(fs::exists(folder / "state")); // and nothing is made
}

TEST_F(CacheVaultTest, AnEmptyCacheLeavesNoFileAndMakesNoKey)
{
  ASSERT_TRUE(start().save(""));
  EXPECT_FALSE(fs::exists(folder / "kept"));
  auto process = start();
  ASSERT_TRUE(process.save("fake-1"));
  ASSERT_TRUE(process.save(""));
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(CacheVaultTest, WithNothingAliveThereIsNoKeyEither)
{
  ASSERT_TRUE(start().save("fake-1"));
  const auto process = start(Moment{k_moment.boot + 12h, k_moment.wall + 12h});
  EXPECT_FALSE(process.restored.process_key);
  EXPECT_EQ(process.restored.trouble, "");
}

TEST_F(CacheVaultTest, ADamagedFileIsSetAside)
{
  ASSERT_TRUE(start().save("fake-1"));
  put_file(path, contents_of(path).substr(1));
  const auto process = start();
  EXPECT_EQ(process.token(), "(none)");
  EXPECT_EQ(process.restored.trouble,
            path + " is no cache of purser's; it is now " + path + ".damaged");
  EXPECT_FALSE(fs::exists(path));
  EXPECT_TRUE(fs::exists(path + ".damaged"));
}

TEST_F(CacheVaultTest, AFileThatOthersMayReadIsLeftAlone)
{
  ASSERT_TRUE(start().save("fake-1"));
  const std::string before = contents_of(path);
  fs::permissions(path, fs::perms::group_read, fs::perm_options::add);
  auto process = start();
  EXPECT_EQ(process.token(), "(none)");
  EXPECT_NE(process.restored.trouble.find("is open to others"), std::string::npos);
  const auto saved = process.save("fake-2");
  ASSERT_FALSE(saved);
  EXPECT_NE(saved.error().what.find("is open to others"), std::string::npos);
  EXPECT_FALSE(process.save(""));
  EXPECT_EQ(contents_of(path), before);
}

TEST_F(CacheVaultTest, ALinkIsNotFollowed)
{
  fs::create_directories(folder / "state");
  put_file(folder / "elsewhere", "untouched");
  fs::create_symlink(folder / "elsewhere", path);
  auto process = start();
  EXPECT_NE(process.restored.trouble, "");
  EXPECT_FALSE(process.save("fake-1"));
  EXPECT_EQ(contents_of(folder / "elsewhere"), "untouched");
}

TEST_F(CacheVaultTest, AnotherProcessNeitherSavesNorDeletes)
{
  auto first = start();
  ASSERT_TRUE(first.save("fake-1"));
  const std::string before = contents_of(path);
  auto second = start();
  const auto saved = second.save("fake-2");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().what, "another purserd keeps its cache in " + path);
  EXPECT_FALSE(second.save(""));
  EXPECT_EQ(contents_of(path), before);
}

TEST_F(CacheVaultTest, TheFileIsKeptOnceTheOtherProcessHasEnded)
{
  std::optional<Process> first = start();
  ASSERT_TRUE(first->save("fake-1"));
  auto second = start();
  ASSERT_FALSE(second.save("fake-2"));
  first.reset();
  EXPECT_TRUE(second.save("fake-2"));
}

TEST_F(CacheVaultTest, AFolderThatWasRemovedIsMadeAgain)
{
  auto process = start();
  ASSERT_TRUE(process.save("fake-1"));
  fs::remove_all(folder / "state");
  ASSERT_TRUE(process.save("fake-2"));
  EXPECT_EQ(start().token(), "fake-2");
}

TEST_F(CacheVaultTest, WithoutTheKeyTheOldFileGoesAndNoOtherKeyIsMade)
{
  auto process = start();
  ASSERT_TRUE(process.save("fake-1"));
  put_file(credentials, "what docker login stored");
  fs::remove_all(folder / "kept");
  const auto saved = process.save("fake-2");
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().what, "the key " + (folder / "kept/key") + " is missing");
  EXPECT_FALSE(fs::exists(path));
  EXPECT_FALSE(fs::exists(folder / "kept"));
}

TEST_F(CacheVaultTest, OfACacheThatIsTooLargeNothingIsLeft)
{
  auto process = start();
  ASSERT_TRUE(process.save("fake-1"));
  const auto saved = process.vault.save(process.key.bytes(), too_large(), k_moment);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().what, "the cache is too large");
  EXPECT_FALSE(fs::exists(path) || fs::exists(path + ".new"));
}

TEST_F(CacheVaultTest, OfACacheThatIsTooLargeTheManagerHoldsNothing)
{
  auto process = start_supervised();
  ASSERT_TRUE(process.save("fake-1"));
  EXPECT_FALSE(process.vault.save(process.key.bytes(), too_large(), k_moment));
  EXPECT_EQ(start_supervised().token(), "(none)");
  ASSERT_TRUE(process.save("fake-1"));
  const auto saved = process.vault.save_last(process.key.bytes(), too_large(), k_moment);
  ASSERT_FALSE(saved);
  EXPECT_EQ(saved.error().what, "the cache is too large");
  EXPECT_EQ(start_supervised().token(), "(none)");
  EXPECT_FALSE(fs::exists(path) || fs::exists(path + ".new"));
}

TEST_F(CacheVaultTest, AServiceManagerHoldsItInsteadOfAFile)
{
  ASSERT_TRUE(start_supervised().save("fake-1"));
  EXPECT_FALSE(fs::exists(path));
  EXPECT_EQ(start_supervised().token(), "fake-1");
}

TEST_F(CacheVaultTest, TheLastSaveIsAFileForWhenTheManagerLetsGo)
{
  auto process = start_supervised();
  KeptCache kept;
  kept.tokens.push_back(kept_token(process.key.key(), "prod", "fake-1"));
  for (int i = 0; i < 100; ++i) // more than a piece
    kept.tokens.push_back(kept_token(process.key.key(), std::to_string(i), std::string(2500, 'x')));
  ASSERT_TRUE(process.vault.save_last(process.key.bytes(), kept, k_moment));
  EXPECT_EQ(start_supervised().token(), "fake-1"); // after a restart
  held = FileDescriptor();
  EXPECT_EQ(start_supervised().token(), "fake-1"); // after a stop
}

TEST_F(CacheVaultTest, TheFileGoesOnceTheManagerHoldsWhatItHeld)
{
  ASSERT_TRUE(start().save("fake-1"));
  auto process = start_supervised();
  ASSERT_EQ(process.token(), "fake-1");
  refuses = true;
  EXPECT_FALSE(process.save("fake-1"));
  EXPECT_TRUE(fs::exists(path));
  refuses = false;
  ASSERT_TRUE(process.save("fake-1"));
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(CacheVaultTest, WhatTheManagerHoldsIsNewerThanAFile)
{
  ASSERT_TRUE(start_supervised().save("fake-new"));
  ASSERT_TRUE(start().save("fake-old"));
  EXPECT_EQ(start_supervised().token(), "fake-new");
}

TEST_F(CacheVaultTest, AnEmptyCacheLeavesNothingWithTheManager)
{
  auto process = start_supervised();
  ASSERT_TRUE(process.save("fake-1"));
  ASSERT_TRUE(process.save(""));
  EXPECT_EQ(start_supervised().token(), "(none)");
}

} // namespace
} // namespace purser::test
