#include "daemon/seal/program_pages.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace purser::test {
namespace {

// Resident pages of files.
long resident_of_files()
{
  long size = 0;
  long resident = 0;
  long of_files = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> of_files;
  return of_files;
}

TEST(ProgramPages, ComeBackOnlyWhereTheyAreNeeded)
{
  const long before = resident_of_files();
  give_back_program_pages();
  EXPECT_LT(resident_of_files(), before);
}

} // namespace
} // namespace purser::test
