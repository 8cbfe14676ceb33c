#include "daemon/store/file_lock.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <string>

namespace purser {
namespace {

using namespace std::chrono_literals;

class FileLockTest : public testing::Test {
protected:
  Result<FileLock> take() { return FileLock::take(folder, "lock", 0ms); }

  TemporaryFolder root;
  PrivateFolder folder = PrivateFolder::open(root / "folder").value();
};

TEST_F(FileLockTest, OneHoldsItAtATime)
{
  {
    const auto held = take();
    ASSERT_TRUE(held);
    const auto second = take();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::transient);
    EXPECT_NE(second.error().what.find(folder.path_of("lock")), std::string::npos);
  }
  EXPECT_TRUE(take());
}

TEST_F(FileLockTest, RefusesALink)
{
  put_file(folder.path_of("victim"), "");
  ASSERT_EQ(symlink("victim", folder.path_of("lock").c_str()), 0);
  EXPECT_FALSE(take());
}

} // namespace
} // namespace purser
