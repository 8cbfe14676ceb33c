#include "daemon/restart/own_program.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace purser::test {
namespace {

struct OwnProgramTest : testing::Test {
  const TemporaryFolder folder;
  const std::string path = folder / "purserd";

  OwnProgramTest() { put("the old one"); }

  // As a package does: another file in the place of the old one.
  void put(const std::string& content, mode_t mode = 0755) const
  {
    const std::string fresh = path + ".new";
    std::ofstream(fresh) << content;
    ::chmod(fresh.c_str(), mode);
    std::filesystem::rename(fresh, path);
  }
};

TEST_F(OwnProgramTest, AnotherFileThatStaysIsAnUpgrade)
{
  OwnProgram program(path);
  EXPECT_FALSE(program.replaced());
  put("the new one");
  EXPECT_TRUE(program.replaced_by_now());
  EXPECT_FALSE(program.replaced()); // perhaps it is still being written
  EXPECT_TRUE(program.replaced());
}

TEST_F(OwnProgramTest, AFileThatIsStillBeingWrittenIsNone)
{
  OwnProgram program(path);
  std::string content = "half of";
  for (int i = 0; i < 5; ++i) {
    content += " it";
    put(content);
    EXPECT_FALSE(program.replaced()) << i;
  }
  EXPECT_TRUE(program.replaced());
}

TEST_F(OwnProgramTest, WhatCannotBeStartedInOurPlaceIsNone)
{
  OwnProgram program(path);
  for (const mode_t mode : {0644U, 0775U, 0757U}) {
    put("another", mode);
    EXPECT_FALSE(program.replaced_by_now()) << mode;
  }
  std::filesystem::remove(path);
  EXPECT_FALSE(program.replaced_by_now());
  std::filesystem::create_directory(path);
  EXPECT_FALSE(program.replaced_by_now());
}

TEST_F(OwnProgramTest, ThisProcessKnowsItsFile)
{
  const OwnProgram program = OwnProgram::of_this_process();
  EXPECT_TRUE(program.path().ends_with("/unit_restart"));
  EXPECT_FALSE(program.replaced_by_now());
}

} // namespace
} // namespace purser::test
