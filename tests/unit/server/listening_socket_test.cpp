#include "daemon/server/listening_socket.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace purser {
namespace {

namespace fs = std::filesystem;

struct ListeningSocketTest : testing::Test {
  fs::path base;
  fs::path folder;
  std::string path;

  ListeningSocketTest()
  {
    std::string pattern = testing::TempDir() + "/socketXXXXXX";
    base = ::mkdtemp(pattern.data());
    folder = base / "run" / "purser";
    path = folder / "agent.sock";
  }
  ~ListeningSocketTest() override { fs::remove_all(base); }

  static unsigned mode(const fs::path& what)
  {
    struct stat status {};
    EXPECT_EQ(::lstat(what.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }
  std::string refusal() const
  {
    const auto made = ListeningSocket::make(path);
    return made ? "(made)" : made.error().what;
  }
};

TEST_F(ListeningSocketTest, IsOursAloneFromTheFirstMoment)
{
  const auto made = ListeningSocket::make(path);
  ASSERT_TRUE(made);
  EXPECT_EQ(mode(folder), 0700U);
  EXPECT_EQ(mode(path), 0600U);
}

TEST_F(ListeningSocketTest, GoesWithItsObject)
{
  {
    const auto made = ListeningSocket::make(path);
    ASSERT_TRUE(made);
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(ListeningSocketTest, ThereIsOneAtATime)
{
  const auto first = ListeningSocket::make(path);
  ASSERT_TRUE(first);
  const auto second = ListeningSocket::make(path);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::transient);
  EXPECT_TRUE(first->in_place());
}

TEST_F(ListeningSocketTest, ADeadDaemonsSocketIsReplaced)
{
  {
    auto made = ListeningSocket::make(path);
    ASSERT_TRUE(made);
    fs::rename(path, path + ".kept"); // so that its end does not remove it
    ::close(made->release());
  }
  fs::rename(path + ".kept", path);
  EXPECT_EQ(refusal(), "(made)");
}

TEST_F(ListeningSocketTest, WhatIsNotASocketOfOursIsLeftAlone)
{
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms::owner_all);
  std::ofstream(folder / "target") << "precious";
  fs::create_symlink(folder / "target", path);
  EXPECT_NE(refusal().find("no socket of ours"), std::string::npos);
  fs::remove(path);
  std::ofstream(fs::path(path)) << "a file";
  EXPECT_NE(refusal().find("no socket of ours"), std::string::npos);
  fs::remove(path);
  fs::create_directory(path);
  EXPECT_NE(refusal().find("no socket of ours"), std::string::npos);
  EXPECT_EQ(fs::file_size(folder / "target"), 8U);
}

TEST_F(ListeningSocketTest, AFolderThatOthersCanReachIsRefused)
{
  fs::create_directories(folder);
  fs::permissions(folder, fs::perms(0755));
  EXPECT_NE(refusal().find("must have mode 0700"), std::string::npos);
}

TEST_F(ListeningSocketTest, ALinkInsteadOfTheFolderIsRefused)
{
  fs::create_directories(base / "elsewhere");
  fs::create_directories(base / "run");
  fs::create_directory_symlink(base / "elsewhere", folder);
  EXPECT_NE(refusal().find("link"), std::string::npos);
}

TEST_F(ListeningSocketTest, ALinkOnTheWayIsRefused)
{
  fs::create_directories(base / "elsewhere");
  fs::create_directory_symlink(base / "elsewhere", base / "run");
  EXPECT_EQ(refusal(), "the folder " + (base / "run").native() + " is a symbolic link");
  EXPECT_TRUE(fs::is_empty(base / "elsewhere"));
}

// As a pod's volume is; a helper makes none there (test_run_folder.py).
TEST_F(ListeningSocketTest, ItsFolderIsMadeInOneOfAnotherUserWhereThatIsAllowed)
{
  if (::geteuid() != 0) GTEST_SKIP() << "only root can make one";
  ASSERT_EQ(::mkdir((base / "run").c_str(), 0777), 0);
  ASSERT_EQ(::chown((base / "run").c_str(), 4343, 4343), 0);
  EXPECT_TRUE(ListeningSocket::make(path));
  EXPECT_EQ(fs::status(folder).permissions(), fs::perms(0700));
}

TEST_F(ListeningSocketTest, ALongPathIsSaid)
{
  path = base / std::string(120, 'x') / "agent.sock";
  EXPECT_NE(refusal().find("107"), std::string::npos);
}

TEST_F(ListeningSocketTest, NoticesThatItWasReplaced)
{
  const auto made = ListeningSocket::make(path);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->in_place());
  fs::remove(path);
  EXPECT_FALSE(made->in_place());
  std::ofstream(fs::path(path)) << "another";
  EXPECT_FALSE(made->in_place());
}

} // namespace
} // namespace purser
