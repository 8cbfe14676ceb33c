#include "cli/edit/edited_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace purser::cli {
namespace {

namespace fs = std::filesystem;

class EditedFileTest : public testing::Test {
protected:
  std::string put(const std::string& name, const std::string& text, mode_t mode = 0600)
  {
    const auto path = folder_ / name;
    std::ofstream(path, std::ios::binary) << text;
    EXPECT_EQ(::chmod(path.c_str(), mode), 0);
    return path;
  }
  static mode_t mode_of(const std::string& path)
  {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }
  static std::string refusal(const std::string& path)
  {
    const auto file = EditedFile::read(path);
    return file ? "read" : file.error().what;
  }
  std::size_t entries() const
  {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_ / ""), fs::directory_iterator()));
  }

  TemporaryFolder folder_;
};

TEST_F(EditedFileTest, KeepsTheModeOfWhatItReplaces)
{
  const auto path = put("config.json", "old", 0640);
  auto file = EditedFile::read(path).value();
  EXPECT_EQ(file.text(), "old");
  ASSERT_TRUE(file.replace("new"));
  EXPECT_EQ(contents_of(path), "new");
  EXPECT_EQ(mode_of(path), 0640U);
  EXPECT_EQ(entries(), 1U) << "something was left beside it";
}

TEST_F(EditedFileTest, MakesAFileAndItsFoldersForTheOwnerAlone)
{
  const auto path = folder_ / "a/b/config.json";
  auto file = EditedFile::read(path).value();
  EXPECT_FALSE(file.exists());
  EXPECT_EQ(file.missing_folders(), (std::vector<std::string>{folder_ / "a", folder_ / "a/b"}));
  ASSERT_TRUE(file.replace("new"));
  EXPECT_EQ(contents_of(path), "new");
  EXPECT_EQ(mode_of(path), 0600U);
  EXPECT_EQ(mode_of(folder_ / "a"), 0700U);
}

TEST_F(EditedFileTest, FollowsALinkAndLeavesIt)
{
  const auto target = put("target.json", "old");
  const auto link = folder_ / "config.json";
  fs::create_symlink("target.json", link);
  ASSERT_TRUE(EditedFile::read(link).value().replace("new"));
  EXPECT_TRUE(fs::is_symlink(link));
  EXPECT_EQ(contents_of(target), "new");
}

TEST_F(EditedFileTest, DoesNotWriteOverWhatSomebodyChangedMeanwhile)
{
  const auto path = put("config.json", "old");
  auto file = EditedFile::read(path).value();
  put("config.json", "theirs");
  const auto replaced = file.replace("new");
  ASSERT_FALSE(replaced);
  EXPECT_EQ(replaced.error().code, Errc::transient);
  EXPECT_FALSE(file.remove());
  EXPECT_EQ(contents_of(path), "theirs");
  EXPECT_EQ(entries(), 1U);

  auto absent = EditedFile::read(folder_ / "absent").value();
  put("absent", "theirs");
  EXPECT_FALSE(absent.replace("new"));
  EXPECT_EQ(contents_of(folder_ / "absent"), "theirs");
}

TEST_F(EditedFileTest, CanBeReplacedTwiceAndRemoved)
{
  const auto path = put("config.json", "old");
  auto file = EditedFile::read(path).value();
  ASSERT_TRUE(file.replace("new"));
  ASSERT_TRUE(file.replace("newer"));
  EXPECT_EQ(contents_of(path), "newer");
  ASSERT_TRUE(file.remove());
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(EditedFileTest, TakesAwayWhatACrashLeft)
{
  const auto path = put("config.json", "old");
  put("config.json.purser-new", "half");
  ASSERT_TRUE(EditedFile::read(path).value().replace("new"));
  EXPECT_EQ(contents_of(path), "new");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(EditedFileTest, RefusesWhatItShouldNotEdit)
{
  fs::create_directory(folder_ / "folder");
  EXPECT_EQ(refusal(folder_ / "folder"),
            (folder_ / "folder") + " is a folder; a file was expected");
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(refusal(folder_ / "fifo"), (folder_ / "fifo") + " is not a regular file");
  fs::create_symlink("nothing", folder_ / "dangling");
  EXPECT_EQ(refusal(folder_ / "dangling"), (folder_ / "dangling") + " is a link to nothing");
  fs::create_symlink("loop", folder_ / "loop");
  EXPECT_NE(refusal(folder_ / "loop"), "read");
  EXPECT_EQ(refusal(put("locked", "text", 0400)), (folder_ / "locked") + " is read-only");
  EXPECT_EQ(refusal(put("large", std::string((1 << 20) + 1, ' '))),
            (folder_ / "large") + " is larger than 1 MiB");
  EXPECT_NE(refusal(put("file", "") + "/config.json"), "read");
}

} // namespace
} // namespace purser::cli
