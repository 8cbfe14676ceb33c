#include "helper/spawn.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>

// What runs between fork() and execve(). A client that reads our standard output to
// its end waits for everybody who holds it: so the daemon gets nothing of ours.
namespace purser::helper {
namespace {

constexpr int k_kept_fd = 3; // the argument of --ready-fd says so
constexpr rlim_t k_most_descriptors = 65'536;

char k_name[] = "purserd"; // execve() wants its arguments writable
char k_started_by_helper[] = "--started-by-helper";
char k_ready_fd[] = "--ready-fd";
char k_three[] = "3";
char k_once[] = "--once";

void reset_signals()
{
  struct sigaction action {};
  action.sa_handler = SIG_DFL;
  for (int signal = 1; signal <= SIGRTMAX; ++signal)
    sigaction(signal, &action, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void close_from(int first)
{
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
  rlimit limit{}; // a kernel before 5.9, or a container that does not know the call
  getrlimit(RLIMIT_NOFILE, &limit);
  const int end = static_cast<int>(std::min(limit.rlim_cur, k_most_descriptors));
  for (int fd = first; fd < end; ++fd)
    close(fd);
}

// Makes `fd` the descriptor `number`, which execve() keeps open.
bool install(int fd, int number)
{
  return fd == number ? fcntl(fd, F_SETFD, 0) == 0 : dup2(fd, number) == number;
}

[[noreturn]] void
become(const DaemonProgram& program, char* const* arguments, const DaemonEnvironment& environment)
{
  if (chdir("/") != 0) _exit(1);
  umask(077);
  reset_signals();
  execve(program.path.data(), arguments, environment.entries());
  _exit(1);
}

[[noreturn]] void
become_daemon(const DaemonProgram& program, const DaemonEnvironment& environment, int ready)
{
  const int null = open("/dev/null", O_RDWR);
  // The standard streams are open (open_missing_streams), so that both are above 2.
  if (null < 0 || !install(null, 0) || !install(null, 1) || !install(null, 2)) _exit(1);
  if (!install(ready, k_kept_fd)) _exit(1);
  close_from(k_kept_fd + 1);
  char* const arguments[] = {k_name, k_started_by_helper, k_ready_fd, k_three, nullptr};
  become(program, arguments, environment);
}

// A session leader could get a terminal; its child cannot, and is nobody's child.
[[noreturn]] void
leave_session(const DaemonProgram& program, const DaemonEnvironment& environment, int ready)
{
  setsid();
  const pid_t daemon = fork();
  if (daemon == 0) become_daemon(program, environment, ready);
  _exit(daemon < 0 ? 1 : 0);
}

void reap(pid_t child)
{
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR)
    continue;
}

// One byte says that it listens; the end of the pipe says that it is gone.
Started wait_until_ready(const Descriptor& ready, const Deadline& deadline)
{
  while (!deadline.passed()) {
    pollfd wanted{ready.get(), POLLIN, 0};
    const int count = poll(&wanted, 1, deadline.milliseconds_left());
    if (count < 0 && errno != EINTR) return Started::failed;
    if (count <= 0) continue;
    char byte = 0;
    return read(ready.get(), &byte, 1) == 1 ? Started::ready : Started::failed;
  }
  return Started::timed_out;
}

} // namespace

Started start_daemon(const DaemonProgram& program,
                     const DaemonEnvironment& environment,
                     const Deadline& deadline)
{
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return Started::failed;
  const Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);

  const pid_t child = fork();
  if (child < 0) return Started::failed;
  if (child == 0) leave_session(program, environment, theirs.get());
  theirs.close();
  reap(child);
  return wait_until_ready(ours, deadline);
}

Descriptor start_once(const DaemonProgram& program, const DaemonEnvironment& environment)
{
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return {};
  Descriptor ours(ends[0]);
  const Descriptor theirs(ends[1]);

  const pid_t child = fork();
  if (child < 0) return {};
  if (child != 0) return ours;

  const int null = open("/dev/null", O_RDWR);
  if (null < 0 || !install(theirs.get(), 0) || !install(null, 1) || !install(null, 2)) _exit(1);
  close_from(k_kept_fd);
  char* const arguments[] = {k_name, k_once, nullptr};
  become(program, arguments, environment);
}

} // namespace purser::helper
