#include "daemon/store/key_changes.hpp"
#include "daemon/store/key_file.hpp"
#include "daemon/store/wrapped_key.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <string>

namespace purser {
namespace {

namespace fs = std::filesystem;

struct KeyChangesTest : testing::Test {
  // Another process, which was given no passphrase.
  SealedFile another() const { return SealedFile(path, KeyLadder(places)); }
  static std::string get(SealedFile& of, const std::string& key = "a")
  {
    const auto found = of.get("", key);
    if (!found) return std::string(to_string(found.error().code));
    return *found ? std::string((*found)->secret.reveal()) : "not found";
  }
  void store(const std::string& key, const std::string& secret)
  {
    ASSERT_TRUE(file.store("", key, Credential("ann", Secret(secret))));
  }
  static std::string outcome(const Result<>& of)
  {
    return of ? "done" : std::string(to_string(of.error().code));
  }
  std::string plain_key() const { return contents_of(places.generated_file); }

  TemporaryFolder folder;
  KeyPlaces places{"", "", folder / "kept/purser/key"};
  std::string path = folder / "state/purser/credentials";
  std::string next = places.generated_file + ".next";
  std::shared_ptr<HeldKeys> held = std::make_shared<HeldKeys>();
  SealedFile file{path, KeyLadder(places, held)};
  KeyChanges keys{path, KeyLadder(places, held), held};
  const Secret passphrase{"fake-passphrase"};
};

TEST_F(KeyChangesTest, ANewKeyOpensWhatTheOldOneSealed)
{
  store("a", "fake-1");
  ASSERT_TRUE(file.store("job", "a", Credential("ci", Secret("fake-2"))));
  const auto before = plain_key();
  EXPECT_EQ(keys.rotate(Secret()).value(), 2U);
  EXPECT_NE(plain_key(), before);
  EXPECT_FALSE(fs::exists(next));
  EXPECT_EQ(get(file), "fake-1");
  auto other = another();
  EXPECT_EQ(get(other), "fake-1");
  EXPECT_EQ((*other.get("job", "a").value()).secret, Secret("fake-2"));
  put_file(places.generated_file, before);
  auto with_old_key = another();
  EXPECT_EQ(get(with_old_key), "misconfigured");
}

TEST_F(KeyChangesTest, ARotationThatEndedBeforeTheStoreIsTakenBack)
{
  store("a", "fake-1");
  put_file(next, std::string(64, 'b'));
  EXPECT_EQ(get(file), "fake-1");
  store("b", "fake-2");
  EXPECT_FALSE(fs::exists(next));
  auto other = another();
  EXPECT_EQ(get(other), "fake-1");
}

TEST_F(KeyChangesTest, ARotationThatEndedAfterTheStoreIsBroughtToItsEnd)
{
  store("a", "fake-1");
  const auto old_key = plain_key();
  ASSERT_TRUE(keys.rotate(Secret()));
  const auto new_key = plain_key();
  put_file(next, new_key);
  put_file(places.generated_file, old_key);
  auto other = another();
  EXPECT_EQ(get(other), "fake-1") << "reading changes nothing";
  EXPECT_EQ(plain_key(), old_key);
  ASSERT_TRUE(other.store("", "b", Credential("ann", Secret("fake-2"))));
  EXPECT_EQ(plain_key(), new_key);
  EXPECT_FALSE(fs::exists(next));
  EXPECT_EQ(get(other, "b"), "fake-2");
}

TEST_F(KeyChangesTest, ADamagedStoreIsNotSealedAnew)
{
  store("a", "fake-1");
  auto bytes = contents_of(path);
  bytes[bytes.size() - 40] = static_cast<char>(bytes[bytes.size() - 40] ^ 1);
  put_file(path, bytes);
  const auto key = plain_key();
  const auto rotated = keys.rotate(Secret());
  ASSERT_FALSE(rotated);
  EXPECT_NE(rotated.error().what.find("purser store recover"), std::string::npos);
  EXPECT_EQ(contents_of(path), bytes);
  EXPECT_EQ(plain_key(), key);
  EXPECT_FALSE(fs::exists(next));
}

TEST_F(KeyChangesTest, AKeyThatOthersMadeIsLeftToThem)
{
  places.configured_file = folder / "given";
  put_file(places.configured_file, std::string(64, 'c'));
  const KeyChanges given(path, KeyLadder(places, held), held);
  EXPECT_EQ(given.state().value().kind, KeyChanges::Kind::elsewhere);
  const auto rotated = given.rotate(Secret());
  ASSERT_FALSE(rotated);
  EXPECT_NE(rotated.error().what.find(places.configured_file), std::string::npos);
  EXPECT_EQ(outcome(given.wrap(passphrase)), "misconfigured");
  EXPECT_EQ(contents_of(places.configured_file), std::string(64, 'c'));
}

TEST_F(KeyChangesTest, UnderAPassphraseNothingOpensWithoutIt)
{
  store("a", "fake-1");
  ASSERT_EQ(outcome(keys.wrap(passphrase)), "done");
  EXPECT_TRUE(is_wrapped_key(plain_key()));
  EXPECT_EQ(keys.state().value().open, false);
  file.forget();
  EXPECT_EQ(get(file), "interaction_required");
  EXPECT_EQ(outcome(file.store("", "b", Credential("ann", Secret("fake")))),
            "interaction_required");
  EXPECT_EQ(outcome(keys.open(Secret("fake-guess"))), "rejected");
  EXPECT_EQ(get(file), "interaction_required");
  EXPECT_EQ(outcome(keys.open(passphrase)), "done");
  EXPECT_EQ(get(file), "fake-1");
  auto other = another();
  EXPECT_EQ(get(other), "interaction_required") << "a process is unlocked by itself";
  held->forget();
  EXPECT_EQ(get(file), "fake-1") << "as long as it has not let go";
  file.forget();
  EXPECT_EQ(get(file), "interaction_required");
}

TEST_F(KeyChangesTest, APassphraseCanBeGivenUp)
{
  store("a", "fake-1");
  const auto before = plain_key();
  ASSERT_EQ(outcome(keys.wrap(passphrase)), "done");
  EXPECT_EQ(outcome(keys.unwrap(Secret("fake-guess"))), "rejected");
  EXPECT_EQ(outcome(keys.unwrap(passphrase)), "done");
  EXPECT_EQ(plain_key(), before);
  auto other = another();
  EXPECT_EQ(get(other), "fake-1");
}

TEST_F(KeyChangesTest, ThePassphraseOutlivesARotation)
{
  store("a", "fake-1");
  ASSERT_EQ(outcome(keys.wrap(passphrase)), "done");
  const auto before = plain_key();
  ASSERT_EQ(outcome(keys.open(passphrase)), "done");
  const auto guessed = keys.rotate(Secret("fake-guess"));
  ASSERT_FALSE(guessed);
  EXPECT_EQ(guessed.error().code, Errc::rejected);
  EXPECT_EQ(plain_key(), before);
  EXPECT_EQ(keys.rotate(passphrase).value(), 1U);
  EXPECT_TRUE(is_wrapped_key(plain_key()));
  EXPECT_NE(plain_key(), before);
  EXPECT_EQ(get(file), "fake-1");
  held->forget();
  file.forget();
  EXPECT_EQ(get(file), "interaction_required");
  ASSERT_EQ(outcome(keys.open(passphrase)), "done");
  EXPECT_EQ(get(file), "fake-1");
}

TEST_F(KeyChangesTest, AHalfMadeRotationUnderAPassphraseOpens)
{
  store("a", "fake-1");
  ASSERT_EQ(outcome(keys.wrap(passphrase)), "done");
  const auto old_key = plain_key();
  ASSERT_EQ(outcome(keys.open(passphrase)), "done");
  ASSERT_TRUE(keys.rotate(passphrase));
  const auto new_key = plain_key();
  put_file(next, new_key);
  put_file(places.generated_file, old_key);
  held->forget();
  file.forget();
  ASSERT_EQ(outcome(keys.open(passphrase)), "done");
  EXPECT_EQ(get(file), "fake-1");
  store("b", "fake-2");
  EXPECT_EQ(plain_key(), new_key);
  EXPECT_EQ(get(file, "b"), "fake-2");
}

TEST_F(KeyChangesTest, APassphraseHasALength)
{
  store("a", "fake-1");
  EXPECT_EQ(outcome(keys.wrap(Secret("fake-7c"))), "bad_request");
  EXPECT_EQ(outcome(keys.wrap(Secret(std::string(1025, 'x')))), "bad_request");
  EXPECT_EQ(outcome(keys.wrap(Secret("fake-8ch"))), "done");
}

TEST_F(KeyChangesTest, APassphraseMayComeBeforeAnythingIsStored)
{
  ASSERT_EQ(outcome(keys.wrap(passphrase)), "done");
  EXPECT_EQ(outcome(file.store("", "a", Credential("ann", Secret("fake")))),
            "interaction_required");
  ASSERT_EQ(outcome(keys.open(passphrase)), "done");
  store("a", "fake-1");
  EXPECT_EQ(get(file), "fake-1");
}

TEST_F(KeyChangesTest, AStoreWithoutItsKeyGetsNoOther)
{
  store("a", "fake-1");
  fs::remove(places.generated_file);
  EXPECT_EQ(outcome(keys.wrap(passphrase)), "misconfigured");
  EXPECT_FALSE(keys.rotate(Secret()));
  EXPECT_FALSE(fs::exists(places.generated_file));
}

} // namespace
} // namespace purser
