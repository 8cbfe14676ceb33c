#include "daemon/restart/start_record.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace purser::test {
namespace {
using namespace std::chrono_literals;

struct StartRecordTest : testing::Test {
  const TemporaryFolder folder;
  const std::string path = folder / "starts";
  const StartRecord record{path};
  BootTime now{90min};

  std::size_t start() { return record.note(now).value(); }
};

TEST_F(StartRecordTest, StartsThatDidNotEndInOrderAreCounted)
{
  EXPECT_EQ(start(), 0U);
  now += 10s;
  EXPECT_EQ(start(), 1U);
  now += 10s;
  EXPECT_EQ(start(), 2U);
}

TEST_F(StartRecordTest, OnesOlderThanAMinuteDoNotCount)
{
  for (int i = 0; i < 4; ++i, now += 20s)
    start();
  EXPECT_EQ(start(), 3U); // 60, 40 and 20 seconds ago
  now += 61s;
  EXPECT_EQ(start(), 0U);
}

TEST_F(StartRecordTest, AnOrderlyEndForgetsThemAll)
{
  start();
  start();
  record.end_in_order();
  EXPECT_EQ(start(), 0U);
}

TEST_F(StartRecordTest, WhatAnotherBootOrSomebodyElseWroteDoesNotCount)
{
  std::ofstream(path) << "999999999\n-5\nx\n5399x\n\n99999999999999999999999\n"
                      << std::string(5000, '7') << "\n5399\n";
  EXPECT_EQ(start(), 1U); // the last line
}

TEST_F(StartRecordTest, TheFileStaysSmall)
{
  for (int i = 0; i < 500; ++i)
    start();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_LT(status.st_size, 2048);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_GE(start(), StartRecord::k_too_many);
}

TEST_F(StartRecordTest, ALinkIsNotFollowed)
{
  const std::string target = folder / "target";
  std::ofstream(target) << "theirs";
  ASSERT_EQ(::symlink(target.c_str(), path.c_str()), 0);
  EXPECT_FALSE(record.note(now));
  std::string content;
  std::ifstream(target) >> content;
  EXPECT_EQ(content, "theirs");
}

} // namespace
} // namespace purser::test
