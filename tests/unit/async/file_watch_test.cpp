#include "daemon/async/file_watch.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace purser {
namespace {
namespace fs = std::filesystem;

struct FileWatchTest : testing::Test {
  FileWatchTest()
  {
    fs::create_directory(folder / "aws");
    write(file, "one");
  }
  ~FileWatchTest() override { fs::remove_all(folder); }

  static fs::path make_folder()
  {
    std::string name = (fs::temp_directory_path() / "purser-watch-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  static void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }
  static FileWatch watch(const fs::path& path) { return *FileWatch::begin({path.string()}); }

  const fs::path folder = make_folder();
  const fs::path file = folder / "aws" / "config";
};

TEST_F(FileWatchTest, NothingChangedAtFirst)
{
  auto watched = watch(file);
  EXPECT_FALSE(watched.changed());
}

TEST_F(FileWatchTest, ReadingIsNoChange)
{
  auto watched = watch(file);
  std::string text;
  std::ifstream(file) >> text;
  EXPECT_EQ(text, "one");
  EXPECT_FALSE(watched.changed());
}

TEST_F(FileWatchTest, AnotherFileOfTheFolderIsNoChange)
{
  auto watched = watch(file);
  write(folder / "aws" / "other", "x");
  EXPECT_FALSE(watched.changed());
}

TEST_F(FileWatchTest, WritingIsSeenAtOnceAndForEver)
{
  auto watched = watch(file);
  write(file, "two");
  EXPECT_TRUE(watched.changed());
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, ReplacingIsSeen)
{
  auto watched = watch(file);
  write(folder / "aws" / "new", "two");
  EXPECT_FALSE(watched.changed());
  fs::rename(folder / "aws" / "new", file);
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, RemovingIsSeen)
{
  auto watched = watch(file);
  fs::remove(file);
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, WritingThroughAnotherNameIsSeen)
{
  fs::create_hard_link(file, folder / "elsewhere");
  auto watched = watch(file);
  write(folder / "elsewhere", "two");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, AFileThatComesIsSeen)
{
  auto watched = watch(folder / "aws" / "credentials");
  EXPECT_FALSE(watched.changed());
  write(folder / "aws" / "credentials", "x");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, AFolderThatComesIsSeen)
{
  auto watched = watch(folder / "later" / "config");
  fs::create_directory(folder / "later");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, AnotherFolderInItsPlaceIsSeen)
{
  auto watched = watch(file);
  fs::rename(folder / "aws", folder / "old");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, AFolderFurtherUpIsSeen)
{
  fs::create_directories(folder / "home" / "ann" / "aws");
  write(folder / "home" / "ann" / "aws" / "config", "x");
  auto watched = watch(folder / "home" / "ann" / "aws" / "config");
  fs::rename(folder / "home", folder / "moved");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, WritingBehindALinkIsSeen)
{
  fs::create_directory(folder / "home");
  fs::create_symlink("../aws", folder / "home" / "link");
  auto watched = watch(folder / "home" / "link" / "config");
  EXPECT_FALSE(watched.changed());
  write(file, "two");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, ALinkThatPointsElsewhereIsSeen)
{
  fs::create_directory(folder / "other");
  fs::create_symlink(folder / "aws", folder / "link");
  auto watched = watch(folder / "link" / "config");
  fs::create_symlink(folder / "other", folder / "new");
  fs::rename(folder / "new", folder / "link");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, WatchesSeveralFiles)
{
  auto watched = *FileWatch::begin({file.string(), (folder / "aws" / "credentials").string()});
  EXPECT_FALSE(watched.changed());
  write(folder / "aws" / "credentials", "x");
  EXPECT_TRUE(watched.changed());
}

TEST_F(FileWatchTest, LinksInACircleCannotBeWatched)
{
  fs::create_symlink("b", folder / "a");
  fs::create_symlink("a", folder / "b");
  const auto begun = FileWatch::begin({(folder / "a" / "config").string()});
  ASSERT_FALSE(begun);
  EXPECT_EQ(begun.error().code, Errc::transient);
}

} // namespace
} // namespace purser
