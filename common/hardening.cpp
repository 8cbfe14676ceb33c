#include "common/hardening.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <string_view>
#include <system_error>

namespace purser {
namespace {

void note(std::vector<std::string>& failures, int outcome, std::string_view step)
{
  if (outcome == 0) return;
  failures.push_back(std::string(step) + ": " + std::generic_category().message(errno));
}

} // namespace

std::vector<std::string> harden_process()
{
  constexpr rlimit k_none{0, 0};
  std::vector<std::string> failures;
  note(failures, prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L), "cannot become undumpable");
  note(failures, setrlimit(RLIMIT_CORE, &k_none), "cannot forbid core files");
  note(failures, prctl(PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L), "cannot give up new privileges");
  return failures;
}

} // namespace purser
