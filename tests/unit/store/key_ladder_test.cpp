#include "daemon/store/key_ladder.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace purser {
namespace {

const std::string k_hex = std::string(32, 'a') + std::string(32, '7');

class KeyLadderTest : public testing::Test {
protected:
  KeyLadder ladder() const { return KeyLadder(places); }

  std::string found_in() const
  {
    auto found = ladder().find();
    if (!found) return std::string(to_string(found.error().code));
    return *found ? (*found)->place : "nothing";
  }

  TemporaryFolder folder;
  KeyPlaces places{"", "", folder / "kept/key"};
};

std::string fingerprint(const Result<FoundKey>& found)
{
  return found ? found->key.digest("fake") : found.error().what;
}

TEST_F(KeyLadderTest, FindsNothingWhereThereIsNothing)
{
  EXPECT_EQ(found_in(), "nothing");
  EXPECT_FALSE(std::filesystem::exists(folder / "kept")); // and made nothing
}

TEST_F(KeyLadderTest, GeneratesOnceAndFindsItAgain)
{
  const auto made = ladder().find_or_generate();
  ASSERT_TRUE(made) << made.error().what;
  EXPECT_EQ(made->place, places.generated_file);
  EXPECT_EQ(fingerprint(ladder().find_or_generate()), fingerprint(made));
  struct stat status {};
  ASSERT_EQ(stat(places.generated_file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0600U);
}

TEST_F(KeyLadderTest, GeneratesDifferentKeys)
{
  const auto first = ladder().find_or_generate();
  places.generated_file = folder / "kept/other";
  EXPECT_NE(fingerprint(ladder().find_or_generate()), fingerprint(first));
}

TEST_F(KeyLadderTest, AllThatGenerateAtOnceGetTheSameKey)
{
  std::vector<std::string> fingerprints(8);
  std::vector<std::thread> threads;
  threads.reserve(fingerprints.size());
  for (auto& slot : fingerprints)
    threads.emplace_back([this, &slot] { slot = fingerprint(ladder().find_or_generate()); });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(std::set<std::string>(fingerprints.begin(), fingerprints.end()).size(), 1U);
  EXPECT_EQ(fingerprints.front().size(), SealingKey::k_size);
}

TEST_F(KeyLadderTest, TakesTheFirstPlaceThatHasOne)
{
  ASSERT_TRUE(ladder().find_or_generate());
  EXPECT_EQ(found_in(), places.generated_file);
  places.configured_file = folder / "configured";
  put_file(places.configured_file, k_hex);
  EXPECT_EQ(found_in(), places.configured_file);
  places.credentials_directory = folder / ".";
  EXPECT_EQ(found_in(), places.configured_file) << "other credentials of the unit are no reason";
  put_file(folder / "purser-key", k_hex);
  EXPECT_EQ(found_in(), places.credentials_directory + "/purser-key");
}

TEST_F(KeyLadderTest, ReadsRawAndHexKeysAlike)
{
  std::string raw(32, '\xaa');
  for (std::size_t i = 16; i < 32; ++i)
    raw[i] = '\x77';
  places.configured_file = folder / "key";
  std::set<std::string> fingerprints;
  for (const auto& text : {raw, k_hex, k_hex + "\n", std::string(32, 'A') + std::string(32, '7')}) {
    put_file(places.configured_file, text);
    fingerprints.insert(fingerprint(ladder().find_or_generate()));
  }
  EXPECT_EQ(fingerprints.size(), 1U);
}

TEST_F(KeyLadderTest, RefusesWhatIsNoKeyAndDoesNotGoOn)
{
  ASSERT_TRUE(ladder().find_or_generate());
  places.configured_file = folder / "key";
  for (const auto& text : {std::string(), std::string(31, 'k'), std::string(33, 'k'),
                           std::string(64, 'g'), k_hex + "aa", k_hex + "\n\n", k_hex + " "}) {
    put_file(places.configured_file, text);
    EXPECT_EQ(found_in(), "misconfigured") << text;
  }
}

TEST_F(KeyLadderTest, RefusesAConfiguredFileThatDoesNotExist)
{
  places.configured_file = folder / "missing";
  EXPECT_EQ(found_in(), "misconfigured");
  EXPECT_FALSE(ladder().find_or_generate());
  EXPECT_FALSE(std::filesystem::exists(places.generated_file));
}

TEST_F(KeyLadderTest, RefusesAKeyThatOthersMayRead)
{
  ASSERT_TRUE(ladder().find_or_generate());
  chmod(places.generated_file.c_str(), 0640);
  EXPECT_EQ(found_in(), "misconfigured");
  chmod(places.generated_file.c_str(), 0400);
  EXPECT_EQ(found_in(), places.generated_file);
}

TEST_F(KeyLadderTest, TakesWhatSystemdProvides)
{
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: needs a file of root's";
  places.credentials_directory = folder / ".";
  put_file(folder / "purser-key", k_hex);
  // A user without privileges gets it from a system unit as root's, by an access list.
  chmod((folder / "purser-key").c_str(), 0440);
  EXPECT_EQ(found_in(), places.credentials_directory + "/purser-key");
  chmod((folder / "purser-key").c_str(), 0444);
  EXPECT_EQ(found_in(), "misconfigured");
}

} // namespace
} // namespace purser
