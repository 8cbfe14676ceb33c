#include "daemon/store/salvage.hpp"
#include "daemon/store/store_recovery.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace purser {
namespace {

namespace fs = std::filesystem;

struct StoreRecoveryTest : testing::Test {
  StoreRecoveryTest()
  {
    for (const std::string key : {"a", "b", "c"})
      EXPECT_TRUE(file.store("", key, Credential("ann", Secret("fake-" + key))));
    whole = contents_of(path);
  }

  Result<Recovery> recover() const { return recover_store(path, KeyLadder(places)); }
  // All that is stored, as a new process reads it.
  std::string stored() const
  {
    SealedFile fresh(path, KeyLadder(places));
    const auto names = fresh.list("");
    if (!names) return std::string(to_string(names.error().code));
    std::string text;
    for (const auto& name : *names)
      text += name.key + "=" + std::string(fresh.get("", name.key).value()->secret.reveal()) + " ";
    return text;
  }
  // Where the name, or the secret, of the record with this number begins.
  std::size_t part(std::size_t number, std::size_t of_it) const
  {
    std::size_t at = 36;
    for (std::size_t i = 0; i < 2 * number + of_it; ++i)
      at += std::size_t{4} + static_cast<unsigned char>(whole[at]);
    return at + 4;
  }
  void damage(std::size_t at)
  {
    auto bytes = contents_of(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    put_file(path, bytes);
  }

  TemporaryFolder folder;
  KeyPlaces places{"", "", folder / "kept/purser/key"};
  std::string path = folder / "state/purser/credentials";
  SealedFile file{path, KeyLadder(places)};
  std::string whole;
};

TEST_F(StoreRecoveryTest, AWholeStoreIsLeftAlone)
{
  EXPECT_FALSE(recover().value().damaged);
  EXPECT_EQ(contents_of(path), whole);
  fs::remove(path);
  EXPECT_FALSE(recover().value().damaged);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(StoreRecoveryTest, ADamagedSecretIsLostByName)
{
  damage(part(1, 1) + 20);
  const auto damaged = contents_of(path);
  EXPECT_EQ(stored(), "protocol_error");
  const auto done = recover().value();
  EXPECT_TRUE(done.damaged);
  EXPECT_EQ(done.kept.size(), 2U);
  ASSERT_EQ(done.lost.size(), 1U);
  EXPECT_EQ(done.lost[0].key, "b");
  EXPECT_EQ(done.unnamed, 0U);
  EXPECT_EQ(stored(), "a=fake-a c=fake-c ");
  EXPECT_EQ(done.set_aside, path + ".damaged");
  EXPECT_EQ(contents_of(done.set_aside), damaged);
}

TEST_F(StoreRecoveryTest, ADamagedNameIsCounted)
{
  damage(part(0, 0) + 20);
  const auto done = recover().value();
  EXPECT_EQ(stored(), "b=fake-b c=fake-c ");
  EXPECT_TRUE(done.lost.empty());
  EXPECT_EQ(done.unnamed, 1U);
}

TEST_F(StoreRecoveryTest, AWrongSizeLosesItsRecordOnly)
{
  damage(part(1, 0) - 4);
  const auto done = recover().value();
  EXPECT_EQ(stored(), "a=fake-a c=fake-c ");
  EXPECT_EQ(done.kept.size() + done.lost.size() + done.unnamed, 3U);
}

TEST_F(StoreRecoveryTest, ACutStoreKeepsItsBeginning)
{
  put_file(path, whole.substr(0, part(2, 0) + 3));
  const auto done = recover().value();
  EXPECT_EQ(stored(), "a=fake-a b=fake-b ");
  EXPECT_EQ(done.unnamed, 1U);
}

TEST_F(StoreRecoveryTest, ALostHeadLosesNoRecord)
{
  put_file(path, "rubbish" + whole.substr(30));
  EXPECT_EQ(recover().value().kept.size(), 3U);
  EXPECT_EQ(stored(), "a=fake-a b=fake-b c=fake-c ");
}

TEST_F(StoreRecoveryTest, EveryFlippedByteLosesAtMostOneRecord)
{
  for (std::size_t at = 0; at < whole.size(); ++at) {
    put_file(path, whole);
    damage(at);
    const auto done = recover();
    ASSERT_TRUE(done) << at << ": " << done.error().what;
    EXPECT_GE(done->kept.size(), 2U) << at;
    EXPECT_NE(stored(), "protocol_error") << at;
    fs::remove(path + ".damaged");
  }
}

TEST_F(StoreRecoveryTest, WithAnotherKeyNothingIsChanged)
{
  put_file(places.generated_file, std::string(64, 'd'));
  const auto done = recover();
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().what.find(places.generated_file), std::string::npos);
  EXPECT_EQ(contents_of(path), whole);
  EXPECT_FALSE(fs::exists(path + ".damaged"));
}

TEST_F(StoreRecoveryTest, NoDamagedFileIsOverwritten)
{
  damage(part(1, 1));
  ASSERT_EQ(recover().value().set_aside, path + ".damaged");
  damage(part(0, 1));
  EXPECT_EQ(recover().value().set_aside, path + ".damaged-2");
}

} // namespace
} // namespace purser
