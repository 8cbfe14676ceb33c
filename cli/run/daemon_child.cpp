#include "cli/run/daemon_child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace purser::cli::jobs {
namespace {

constexpr int k_listening = 3; // SD_LISTEN_FDS_START
constexpr int k_ready = 4;     // the argument of --ready-fd says so

char k_name[] = "purserd"; // execve() wants its arguments writable
char k_for_job[] = "--for-job";
char k_ready_fd[] = "--ready-fd=4";
constexpr std::string_view k_listen_pid = "LISTEN_PID=";

bool install(int fd, int number)
{
  return fd == number ? ::fcntl(fd, F_SETFD, 0) == 0 : ::dup2(fd, number) == number;
}

// Between fork() and execve(). All else is closed by execve(): whatever we open is.
[[noreturn]] void become_purserd(const DaemonStart& start, pid_t parent, char* const* environment)
{
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // From here on the signal would come; whoever is gone already sends none.
  if (::getppid() != parent || !install(start.listening, k_listening)) ::_exit(1);
  if (start.ready >= 0 && !install(start.ready, k_ready)) ::_exit(1);
  if (start.log >= 0 && !install(start.log, STDERR_FILENO)) ::_exit(1);
  std::array<char*, 4> arguments{k_name, k_for_job, start.ready < 0 ? nullptr : k_ready_fd,
                                 nullptr};
  ::execve(start.program.c_str(), arguments.data(), environment);
  ::_exit(127);
}

} // namespace

Result<std::string> find_purserd()
{
  if (const char* const asked = std::getenv("PURSER_DAEMON"); asked != nullptr && *asked != '\0') {
    if (*asked == '/' && ::access(asked, X_OK) == 0) return std::string(asked);
    return Error(Errc::misconfigured, "PURSER_DAEMON names no program: " + std::string(asked));
  }
  std::error_code failure;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", failure).parent_path();
  if (failure)
    return Error(Errc::misconfigured, "/proc is not mounted: purser cannot find its own programs");
  for (const std::filesystem::path& place : {own / "purserd", own / "../libexec/purserd",
                                             std::filesystem::path(PURSER_LIBEXECDIR) / "purserd"})
    if (::access(place.c_str(), X_OK) == 0) return place.string();
  return Error(Errc::misconfigured, "purserd is not installed in " + own.string() + " or " +
                                        PURSER_LIBEXECDIR + "; install purser again");
}

Result<pid_t> start_purserd(const DaemonStart& start)
{
  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child < 0)
    return Error(Errc::transient,
                 "cannot start purserd: " + std::generic_category().message(errno));
  if (child > 0) return child;
  // We are alone in this process, so that memory may be had.
  auto entries = start.environment;
  entries.push_back(std::string(k_listen_pid) + std::to_string(::getpid()));
  entries.emplace_back("LISTEN_FDS=1");
  std::vector<char*> environment;
  environment.reserve(entries.size() + 1);
  for (auto& each : entries)
    environment.push_back(each.data());
  environment.push_back(nullptr);
  become_purserd(start, parent, environment.data());
}

} // namespace purser::cli::jobs
