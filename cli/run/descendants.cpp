#include "cli/run/descendants.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace purser::cli::jobs {
namespace {

using std::chrono::steady_clock;

// Empty where /proc does not tell.
std::vector<pid_t> children()
{
  std::ifstream listed("/proc/self/task/" + std::to_string(::getpid()) + "/children");
  return {std::istream_iterator<pid_t>(listed), std::istream_iterator<pid_t>()};
}

bool all_ended(const FileDescriptor& signals, std::chrono::milliseconds limit)
{
  const auto deadline = steady_clock::now() + limit;
  for (;;) {
    pid_t child = 0;
    while ((child = ::waitpid(-1, nullptr, WNOHANG)) > 0)
      continue;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    if (child < 0 || left.count() <= 0) return child < 0;
    pollfd wanted{signals.number(), POLLIN, 0};
    ::poll(&wanted, 1, static_cast<int>(left.count()));
    signalfd_siginfo one{};
    while (::read(signals.number(), &one, sizeof one) == sizeof one)
      continue;
  }
}

} // namespace

FileDescriptor open_signals()
{
  sigset_t set;
  sigemptyset(&set);
  for (const int each : {SIGTERM, SIGINT, SIGHUP, SIGCHLD})
    sigaddset(&set, each);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return FileDescriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

void adopt_descendants()
{
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void end_descendants(const FileDescriptor& signals, std::chrono::milliseconds limit)
{
  if (all_ended(signals, limit)) return;
  for (const pid_t child : children())
    ::kill(child, SIGKILL);
  (void)all_ended(signals, limit);
}

} // namespace purser::cli::jobs
