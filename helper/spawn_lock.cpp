#include "helper/spawn_lock.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/time.h>

#include <cerrno>

namespace purser::helper {
namespace {

constexpr suseconds_t k_again = 50'000; // microseconds

void do_nothing(int) {}

// flock() takes no time limit, but a signal ends it. The signal comes again and
// again, in case the first one comes just before the call.
void interrupt_after(int milliseconds)
{
  struct sigaction action {};
  action.sa_handler = do_nothing;
  sigaction(SIGALRM, &action, nullptr);

  itimerval timer{};
  timer.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000 + 1};
  timer.it_interval = {0, k_again};
  setitimer(ITIMER_REAL, &timer, nullptr);
}

int lock_until(int fd, const Deadline& deadline)
{
  if (flock(fd, LOCK_EX | LOCK_NB) == 0) return 0;
  interrupt_after(deadline.milliseconds_left());
  int error = EINTR;
  while (error == EINTR && !deadline.passed())
    error = flock(fd, LOCK_EX) == 0 ? 0 : errno;
  deadline.arm_backstop();
  return error;
}

} // namespace

SpawnLock take_spawn_lock(const FileDescriptor& run_folder, const Deadline& deadline)
{
  SpawnLock lock;
  lock.descriptor = Descriptor(
      openat(run_folder.number(), "agent.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  lock.error = lock.descriptor.open() ? lock_until(lock.descriptor.get(), deadline) : errno;
  if (lock.error == 0) lock.state = SpawnLock::State::held;
  if (lock.error == EINTR) lock.state = SpawnLock::State::timed_out;
  return lock;
}

} // namespace purser::helper
