#include "helper/deadline.hpp"

#include "common/protocol.hpp"
#include "helper/environment.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>

namespace purser::helper {
namespace {

constexpr long long k_millisecond = 1'000'000;

// Asked of the kernel directly: its code that needs no system call costs more to find and to map
// than the few calls of a run.
long long now()
{
  timespec time{};
#ifdef __LP64__
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &time);
#else
  clock_gettime(CLOCK_MONOTONIC, &time); // the system call has another timespec
#endif
  return time.tv_sec * 1'000 * k_millisecond + time.tv_nsec;
}

// What is kept back of the limit, for saying on a busy machine that it was reached.
constexpr int k_kept_back = 280;
static_assert(protocol::k_helper_limit_ms - k_kept_back > protocol::k_wait_limit_ms);

} // namespace

Deadline::Deadline(int limit)
  : limit_(limit)
  , hard_end_(now() + limit * k_millisecond)
  , end_(hard_end_ - std::min(k_kept_back, limit / 4) * k_millisecond)
{
}

int Deadline::milliseconds_left() const
{
  const long long left = end_ - now();
  return left <= 0 ? 0 : static_cast<int>((left + k_millisecond - 1) / k_millisecond);
}

void Deadline::pause(int milliseconds) const
{
  if (milliseconds > 0) poll(nullptr, 0, std::min(milliseconds, milliseconds_left()));
}

void Deadline::arm_backstop() const
{
  struct sigaction action {};
  action.sa_handler = SIG_DFL; // our parent may have ignored it
  sigaction(SIGALRM, &action, nullptr);

  const long long left = std::max(hard_end_ - now(), k_millisecond);
  itimerval timer{};
  timer.it_value.tv_sec = static_cast<time_t>(left / (1'000 * k_millisecond));
  timer.it_value.tv_usec = static_cast<suseconds_t>(left % (1'000 * k_millisecond) / 1'000);
  setitimer(ITIMER_REAL, &timer, nullptr);
}

int limit_in_milliseconds()
{
  const std::string_view asked = variable("PURSER_DEADLINE_MS");
  int limit = 0;
  const auto parsed = std::from_chars(asked.data(), asked.data() + asked.size(), limit);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == asked.data() + asked.size();
  const bool lowers = whole && limit >= 1 && limit <= protocol::k_helper_limit_ms;
  return lowers ? limit : protocol::k_helper_limit_ms;
}

} // namespace purser::helper
