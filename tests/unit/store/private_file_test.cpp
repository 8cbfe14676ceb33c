#include "daemon/store/private_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace purser {
namespace {

class PrivateFileTest : public testing::Test {
protected:
  Result<std::optional<PrivateFile>> read() { return read_private_file(path, 1000); }

  void expect_refused(std::string_view because)
  {
    const auto file = read();
    ASSERT_FALSE(file);
    EXPECT_EQ(file.error().code, Errc::misconfigured);
    EXPECT_NE(file.error().what.find(because), std::string::npos) << file.error().what;
    EXPECT_NE(file.error().what.find(path), std::string::npos) << file.error().what;
  }

  TemporaryFolder folder;
  std::string path = folder / "file";
};

TEST_F(PrivateFileTest, ReadsTheWholeFile)
{
  put_file(path, std::string(1000, 'x'));
  const auto file = read();
  ASSERT_TRUE(file && *file);
  EXPECT_EQ((*file)->bytes.size(), 1000U);
  EXPECT_EQ((*file)->stamp, *stamp_of(path).value());
}

TEST_F(PrivateFileTest, MissingIsNothing)
{
  ASSERT_TRUE(read());
  EXPECT_FALSE(*read());
  EXPECT_FALSE(stamp_of(path).value());
  path = folder / "no-folder/file";
  ASSERT_TRUE(read());
  EXPECT_FALSE(*read());
}

TEST_F(PrivateFileTest, RefusesEveryModeThatOpensItToOthers)
{
  put_file(path, "fake");
  for (const mode_t mode : {0604U, 0602U, 0601U, 0640U, 0620U, 0610U, 0644U, 0666U, 0777U}) {
    chmod(path.c_str(), mode);
    expect_refused("chmod 600");
  }
  for (const mode_t mode : {0600U, 0400U, 0700U}) {
    chmod(path.c_str(), mode);
    EXPECT_TRUE(read()) << mode;
  }
}

TEST_F(PrivateFileTest, RefusesWhatIsNoPlainFile)
{
  mkdir(path.c_str(), 0700);
  expect_refused("folder");
  rmdir(path.c_str());
  mkfifo(path.c_str(), 0600);
  expect_refused("plain file"); // and does not wait for a writer
}

TEST_F(PrivateFileTest, RefusesALink)
{
  put_file(folder / "elsewhere", "fake");
  ASSERT_EQ(symlink("elsewhere", path.c_str()), 0);
  expect_refused("symbolic link");
  unlink((folder / "elsewhere").c_str());
  expect_refused("symbolic link"); // a dangling one is not a missing file
}

TEST_F(PrivateFileTest, RefusesWhatIsTooLarge)
{
  put_file(path, std::string(1001, 'x'));
  expect_refused("larger than 1000");
}

TEST_F(PrivateFileTest, RefusesAFileOfSomebodyElse)
{
  if (geteuid() != 0) GTEST_SKIP() << "NOT TESTED: only root can give a file away";
  put_file(path, "fake");
  ASSERT_EQ(chown(path.c_str(), 65534, 65534), 0);
  expect_refused("belongs to user 65534");
}

TEST_F(PrivateFileTest, TellsVersionsApart)
{
  put_file(path, "fake-1");
  const auto first = read();
  ASSERT_TRUE(first && *first);
  // While the first one is open, its inode number is not used again.
  for (int i = 0; i < 50; ++i) {
    put_file(folder / "next", "fake-2");
    ASSERT_EQ(rename((folder / "next").c_str(), path.c_str()), 0);
    ASSERT_NE(*stamp_of(path).value(), (*first)->stamp);
  }
}

} // namespace
} // namespace purser
