#include "daemon/store/private_folder.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <new>
#include <string>
#include <thread>
#include <vector>

namespace purser {
namespace {

mode_t mode_of(const std::string& path)
{
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 ? status.st_mode & 07777U : 0;
}

std::vector<std::string> names_in(const std::string& folder)
{
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.push_back(entry.path().filename().native());
  std::sort(names.begin(), names.end());
  return names;
}

class PrivateFolderTest : public testing::Test {
protected:
  PrivateFolder open() { return PrivateFolder::open(path).value(); }

  TemporaryFolder root;
  std::string path = root / "a/b/c";
};

TEST_F(PrivateFolderTest, MakesWhatIsMissingForUsOnly)
{
  open();
  for (const auto* made : {"a", "a/b", "a/b/c"})
    EXPECT_EQ(mode_of(root / made), 0700U) << made;
}

TEST_F(PrivateFolderTest, RefusesAFolderThatOthersMayWriteTo)
{
  open();
  for (const mode_t mode : {0770U, 0702U, 0777U}) {
    chmod(path.c_str(), mode);
    const auto opened = PrivateFolder::open(path);
    ASSERT_FALSE(opened) << mode;
    EXPECT_EQ(opened.error().code, Errc::misconfigured);
  }
  chmod(path.c_str(), 0755);
  EXPECT_TRUE(PrivateFolder::open(path));
}

TEST_F(PrivateFolderTest, RefusesAFileInItsPlace)
{
  put_file(root / "a", "");
  const auto opened = PrivateFolder::open(path);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::misconfigured);
}

TEST_F(PrivateFolderTest, ReplacesWithAPrivateFileAndLeavesNothingElse)
{
  const auto before = umask(0);
  const auto written = open().replace("file", "fake-1");
  umask(before);
  ASSERT_TRUE(written);
  EXPECT_EQ(mode_of(path + "/file"), 0600U);
  ASSERT_TRUE(open().replace("file", "fake-2"));
  EXPECT_EQ(contents_of(path + "/file"), "fake-2");
  EXPECT_EQ(names_in(path), std::vector<std::string>{"file"});
}

TEST_F(PrivateFolderTest, ReplaceTellsTheStampOfWhatItWrote)
{
  const auto written = open().replace("file", "fake");
  ASSERT_TRUE(written);
  EXPECT_EQ(written->stamp, *stamp_of(path + "/file").value());
}

TEST_F(PrivateFolderTest, ReplacesALinkItselfAndNotWhatItLeadsTo)
{
  const auto folder = open();
  put_file(path + "/victim", "untouched");
  ASSERT_EQ(symlink("victim", (path + "/file").c_str()), 0);
  ASSERT_EQ(symlink("victim", (path + "/file.new").c_str()), 0);
  ASSERT_TRUE(folder.replace("file", "fake"));
  EXPECT_EQ(contents_of(path + "/victim"), "untouched");
  EXPECT_EQ(contents_of(path + "/file"), "fake");
}

TEST_F(PrivateFolderTest, ClearsAwayTheRestOfACrash)
{
  const auto folder = open();
  put_file(path + "/file.new", "half a fi");
  ASSERT_TRUE(folder.replace("file", "fake"));
  EXPECT_EQ(names_in(path), std::vector<std::string>{"file"});
}

TEST_F(PrivateFolderTest, WritesWhatASourceGivesInPieces)
{
  const auto folder = open();
  const ByteSource source = [this](const ByteSink& sink) -> Result<> {
    for (const std::string_view piece : {"fa", "", "ke-1"})
      if (auto taken = sink(piece); !taken) return taken;
    EXPECT_EQ(contents_of(path + "/file"), ""); // not before it is whole
    return {};
  };
  ASSERT_TRUE(folder.replace("file", source));
  EXPECT_EQ(contents_of(path + "/file"), "fake-1");
}

TEST_F(PrivateFolderTest, ASourceThatFailsInTheMiddleLeavesTheOldFileOnly)
{
  const auto folder = open();
  ASSERT_TRUE(folder.replace("file", "fake-old"));
  const auto replaced = folder.replace("file", [](const ByteSink& sink) -> Result<> {
    EXPECT_TRUE(sink("fake-n"));
    return Error{Errc::misconfigured, "fake error"};
  });
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().what, "fake error");
  EXPECT_EQ(contents_of(path + "/file"), "fake-old");
  EXPECT_EQ(names_in(path), std::vector<std::string>{"file"});
}

TEST_F(PrivateFolderTest, ASourceThatThrowsInTheMiddleLeavesTheOldFileOnly)
{
  const auto folder = open();
  ASSERT_TRUE(folder.replace("file", "fake-old"));
  const ByteSource source = [](const ByteSink& sink) -> Result<> {
    EXPECT_TRUE(sink("fake-n"));
    throw std::bad_alloc();
  };
  EXPECT_THROW((void)folder.replace("file", source), std::bad_alloc);
  EXPECT_EQ(contents_of(path + "/file"), "fake-old");
  EXPECT_EQ(names_in(path), std::vector<std::string>{"file"});
}

TEST_F(PrivateFolderTest, CreatesOnce)
{
  EXPECT_TRUE(open().create("file", "fake-1").value());
  EXPECT_FALSE(open().create("file", "fake-2").value());
  EXPECT_EQ(contents_of(path + "/file"), "fake-1");
  EXPECT_EQ(mode_of(path + "/file"), 0600U);
  EXPECT_EQ(names_in(path), std::vector<std::string>{"file"});
}

TEST_F(PrivateFolderTest, ManyCreateAtOnceAndOneSucceeds)
{
  const auto folder = open();
  for (int round = 0; round < 20; ++round) {
    const auto name = "file-" + std::to_string(round);
    std::atomic<int> created = 0;
    constexpr int k_threads = 8;
    std::vector<std::thread> threads;
    threads.reserve(k_threads);
    for (int i = 0; i < k_threads; ++i)
      threads.emplace_back([&folder, &name, &created] {
        const auto outcome = folder.create(name, "fake");
        if (outcome && *outcome) ++created;
      });
    for (auto& thread : threads)
      thread.join();
    ASSERT_EQ(created, 1);
  }
}

} // namespace
} // namespace purser
