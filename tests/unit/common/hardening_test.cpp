#include "common/hardening.hpp"

#include <gtest/gtest.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace purser {
namespace {

TEST(Hardening, TakesEffect)
{
  const pid_t child = fork();
  if (child == 0) {
    const auto failures = harden_process();
    rlimit core{1, 1};
    getrlimit(RLIMIT_CORE, &core);
    const bool hard = prctl(PR_GET_DUMPABLE, 0L, 0L, 0L, 0L) == 0 && core.rlim_cur == 0 &&
                      core.rlim_max == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L) == 1;
    _exit(failures.empty() && hard ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

} // namespace
} // namespace purser
