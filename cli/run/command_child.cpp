#include "cli/run/command_child.hpp"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <iostream>
#include <system_error>

namespace purser::cli::jobs {
namespace {

constexpr int k_not_found = 127;
constexpr int k_not_run = 126;
constexpr int k_signalled = 128;

sigset_t held_signals()
{
  sigset_t set;
  sigemptyset(&set);
  for (const int each : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCHLD})
    sigaddset(&set, each);
  return set;
}

[[noreturn]] void become_command(std::vector<std::string> words)
{
  const auto held = held_signals();
  ::sigprocmask(SIG_UNBLOCK, &held, nullptr);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (auto& each : words)
    arguments.push_back(each.data());
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  const int reason = errno;
  std::cerr << "purser: cannot run " << words.front() << ": "
            << std::generic_category().message(reason) << std::endl;
  ::_exit(reason == ENOENT ? k_not_found : k_not_run);
}

// Whoever else ends is reaped as well: we may be the init of a container. True where it was the
// command, whose end is in `status`.
bool ended(pid_t command, int& status)
{
  int each = 0;
  for (pid_t child = 0; (child = ::waitpid(-1, &each, WNOHANG)) > 0;) {
    if (child != command) continue;
    status = each;
    return true;
  }
  return false;
}

} // namespace

void hold_signals()
{
  ::signal(SIGCHLD, SIG_DFL); // whoever ignores it is told nothing by waitpid()
  const auto held = held_signals();
  ::sigprocmask(SIG_BLOCK, &held, nullptr);
}

int run_command(const std::vector<std::string>& words)
{
  const pid_t command = ::fork();
  if (command < 0) {
    std::cerr << "purser: cannot run " << words.front() << ": "
              << std::generic_category().message(errno) << '\n';
    return k_run_failed;
  }
  if (command == 0) become_command(words);
  const auto held = held_signals();
  for (int status = 0;;) {
    siginfo_t what{};
    const int number = ::sigwaitinfo(&held, &what);
    if (number < 0) continue;
    if (number != SIGCHLD) {
      if (what.si_code <= 0) ::kill(command, number); // from a process, not from the terminal
    } else if (ended(command, status)) {
      return WIFSIGNALED(status) ? k_signalled + WTERMSIG(status) : WEXITSTATUS(status);
    }
  }
}

} // namespace purser::cli::jobs
