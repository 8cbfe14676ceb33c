#include "daemon/store/file_lock.hpp"
#include "daemon/store/sealed_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace purser {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class SealedFileTest : public testing::Test {
protected:
  // Another process, as far as the file can tell.
  SealedFile another() const { return SealedFile(path, KeyLadder(places), lock_limit); }

  static std::string get(SealedFile& file, const std::string& key, const std::string& space = "")
  {
    const auto found = file.get(space, key);
    if (!found) return std::string(to_string(found.error().code));
    if (!*found) return "not found";
    return (*found)->username + ":" + std::string((*found)->secret.reveal());
  }

  static Result<> store(SealedFile& file, const std::string& key, const std::string& secret)
  {
    return file.store("", key, Credential("ann", Secret(secret)));
  }

  // What every verb says of the file as it is now; one word where they agree.
  std::string verdict() const
  {
    auto other = another();
    const auto code = [](const auto& outcome) {
      return outcome ? std::string("fine") : std::string(to_string(outcome.error().code));
    };
    auto first = code(other.get("", "a"));
    for (const auto& next :
         {code(other.list("")), code(other.erase("", "a")), code(store(other, "a", "fake-new"))})
      if (next != first) return "not the same for all verbs: " + next; // NOLINT: at most once
    return first;
  }

  std::chrono::milliseconds lock_limit = SealedFile::k_lock_limit;
  TemporaryFolder folder;
  KeyPlaces places{"", "", folder / "kept/purser/key"};
  std::string path = folder / "state/purser/credentials";
  SealedFile file{path, KeyLadder(places)};
};

TEST_F(SealedFileTest, GivesBackWhatWasStored)
{
  ASSERT_TRUE(store(file, "registry.example.com", "fake-password"));
  EXPECT_EQ(get(file, "registry.example.com"), "ann:fake-password");
  auto later = another();
  EXPECT_EQ(get(later, "registry.example.com"), "ann:fake-password");
}

TEST_F(SealedFileTest, MissingIsEmptyAndStaysMissing)
{
  EXPECT_EQ(get(file, "registry.example.com"), "not found");
  EXPECT_TRUE(file.list("").value().empty());
  EXPECT_TRUE(file.erase("", "registry.example.com"));
  EXPECT_TRUE(fs::is_empty(folder / "."));
}

TEST_F(SealedFileTest, TheLastStoreWins)
{
  ASSERT_TRUE(store(file, "a", "fake-1"));
  ASSERT_TRUE(file.store("", "a", Credential("bob", Secret("fake-2"))));
  EXPECT_EQ(get(file, "a"), "bob:fake-2");
  EXPECT_EQ(file.list("").value().size(), 1U);
}

TEST_F(SealedFileTest, ErasesThatOneOnly)
{
  ASSERT_TRUE(store(file, "a", "fake-a"));
  ASSERT_TRUE(store(file, "a/team", "fake-team"));
  ASSERT_TRUE(file.erase("", "a"));
  EXPECT_EQ(get(file, "a"), "not found");
  EXPECT_EQ(get(file, "a/team"), "ann:fake-team");
  EXPECT_TRUE(file.erase("", "a")) << "erasing what is not there is a success";
}

TEST_F(SealedFileTest, KeepsNamespacesApart)
{
  ASSERT_TRUE(store(file, "a", "fake-of-nobody"));
  ASSERT_TRUE(file.store("job-1", "a", Credential("job", Secret("fake-1"))));
  EXPECT_EQ(get(file, "a", "job-1"), "job:fake-1");
  EXPECT_EQ(get(file, "a", "job-2"), "not found");
  ASSERT_TRUE(file.erase("job-1", "a"));
  EXPECT_EQ(get(file, "a"), "ann:fake-of-nobody");
  EXPECT_TRUE(file.list("job-1").value().empty());
}

TEST_F(SealedFileTest, ListsSortedByKey)
{
  for (const auto* key : {"c", "a", "b"})
    ASSERT_TRUE(store(file, key, "fake"));
  ASSERT_TRUE(file.store("job", "0", Credential("ann", Secret("fake"))));
  std::string keys;
  for (const auto& name : file.list("").value())
    keys += name.key + "=" + name.username + " ";
  EXPECT_EQ(keys, "a=ann b=ann c=ann ");
}

TEST_F(SealedFileTest, SeesWhatOthersChange)
{
  auto other = another();
  ASSERT_TRUE(store(file, "a", "fake-1"));
  EXPECT_EQ(get(other, "a"), "ann:fake-1");
  ASSERT_TRUE(store(file, "a", "fake-2"));
  EXPECT_EQ(get(other, "a"), "ann:fake-2");
  ASSERT_TRUE(store(other, "b", "fake-3")); // on top of what the first one wrote
  EXPECT_EQ(get(file, "a"), "ann:fake-2");
  EXPECT_EQ(get(file, "b"), "ann:fake-3");
  fs::remove(path);
  EXPECT_EQ(get(file, "a"), "not found");
}

TEST_F(SealedFileTest, LosesNothingOfManyWriters)
{
  constexpr std::size_t k_writers = 4;
  constexpr std::size_t k_each = 10;
  std::vector<std::thread> threads;
  threads.reserve(k_writers);
  for (std::size_t writer = 0; writer < k_writers; ++writer)
    threads.emplace_back([this, writer] {
      auto mine = another();
      for (std::size_t i = 0; i < k_each; ++i)
        EXPECT_TRUE(store(mine, std::to_string(writer) + "-" + std::to_string(i), "fake"));
    });
  for (auto& thread : threads)
    thread.join();
  EXPECT_EQ(file.list("").value().size(), k_writers * k_each);
}

TEST_F(SealedFileTest, HasNoPlainText)
{
  ASSERT_TRUE(
      file.store("marker-space", "marker-key", Credential("marker-user", Secret("marker-secret"))));
  for (const auto& entry : fs::recursive_directory_iterator(folder / ".")) {
    if (entry.is_regular_file()) {
      EXPECT_EQ(contents_of(entry.path().native()).find("marker"), std::string::npos);
    }
  }
}

TEST_F(SealedFileTest, DamageFailsEveryVerbAndIsLeftAsItIs)
{
  ASSERT_TRUE(store(file, "a", "fake-password"));
  const auto bytes = contents_of(path);
  for (std::size_t size = 0; size < bytes.size(); size += 7) {
    const auto part = bytes.substr(0, size);
    put_file(path, part);
    ASSERT_EQ(verdict(), "protocol_error") << size;
    ASSERT_EQ(contents_of(path), part);
  }
  put_file(path, bytes);
  EXPECT_EQ(get(file, "a"), "ann:fake-password");
}

TEST_F(SealedFileTest, NoFlippedByteGivesAWrongAnswer)
{
  ASSERT_TRUE(store(file, "a", "fake-password"));
  const auto bytes = contents_of(path);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    put_file(path, damaged);
    const auto answer = verdict();
    ASSERT_TRUE(answer == "protocol_error" || answer == "misconfigured") << at << ": " << answer;
    ASSERT_EQ(contents_of(path), damaged);
  }
}

TEST_F(SealedFileTest, DamageIsExplained)
{
  ASSERT_TRUE(store(file, "a", "fake-password"));
  put_file(path, "");
  const auto found = file.get("", "a");
  ASSERT_FALSE(found);
  EXPECT_NE(found.error().what.find(path), std::string::npos);
  EXPECT_NE(found.error().what.find("purser store recover"), std::string::npos);
}

TEST_F(SealedFileTest, NeverMakesANewKeyForOldContents)
{
  ASSERT_TRUE(store(file, "a", "fake-password"));
  const auto bytes = contents_of(path);
  const auto key = contents_of(places.generated_file);
  fs::remove(places.generated_file);
  EXPECT_EQ(verdict(), "misconfigured");
  EXPECT_FALSE(store(file, "b", "fake-new")) << "nor who has read the old key before";
  EXPECT_FALSE(fs::exists(places.generated_file));
  EXPECT_EQ(contents_of(path), bytes);
  put_file(places.generated_file, key);
  EXPECT_EQ(get(file, "a"), "ann:fake-password");
}

TEST_F(SealedFileTest, AnotherKeyIsRefused)
{
  ASSERT_TRUE(store(file, "a", "fake-password"));
  put_file(places.generated_file, std::string(64, 'a'));
  EXPECT_EQ(verdict(), "misconfigured");
  EXPECT_FALSE(store(file, "b", "fake-new"));
}

TEST_F(SealedFileTest, RefusesAFileThatOthersMayRead)
{
  ASSERT_TRUE(store(file, "a", "fake-password"));
  ASSERT_EQ(get(file, "a"), "ann:fake-password"); // known from now on
  chmod(path.c_str(), 0644);
  EXPECT_EQ(get(file, "a"), "misconfigured");
  EXPECT_EQ(verdict(), "misconfigured");
}

TEST_F(SealedFileTest, AHeldLockIsAnErrorInTheEnd)
{
  ASSERT_TRUE(store(file, "a", "fake-1"));
  lock_limit = 0ms;
  auto impatient = another();
  const auto state = PrivateFolder::open(folder / "state/purser").value();
  {
    const auto held = FileLock::take(state, "credentials.lock", 0ms);
    ASSERT_TRUE(held);
    const auto stored = store(impatient, "a", "fake-2");
    ASSERT_FALSE(stored);
    EXPECT_EQ(stored.error().code, Errc::transient);
    EXPECT_EQ(get(impatient, "a"), "ann:fake-1") << "reading needs no lock";
  }
  EXPECT_TRUE(store(impatient, "a", "fake-2"));
}

TEST_F(SealedFileTest, RefusesWhatIsTooLarge)
{
  const auto stored = store(file, "a", std::string(k_max_stored_secret + 1, 'x'));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, Errc::bad_request);
  EXPECT_FALSE(store(file, std::string(k_max_stored_name, 'k'), "fake"));
  EXPECT_TRUE(store(file, "a", std::string(k_max_stored_secret, 'x')));
}

TEST_F(SealedFileTest, FullIsAnErrorThatKeepsWhatIsThere)
{
  const std::string large(k_max_stored_secret, 'x');
  int stored = 0;
  while (stored < 20 && store(file, "key-" + std::to_string(stored), large))
    ++stored;
  EXPECT_EQ(stored, 15); // of 1 MiB and some bytes each, in 16 MiB
  EXPECT_EQ(another().list("").value().size(), 15U);
  EXPECT_TRUE(file.erase("", "key-0"));
  EXPECT_TRUE(store(file, "another", large));
}

} // namespace
} // namespace purser
