#include "daemon/time/clock_settings.hpp"

#include <boost/asio/use_awaitable.hpp>

#include <sys/timerfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace purser {
namespace asio = boost::asio;

namespace {

[[noreturn]] void fail(const char* call)
{
  throw std::system_error(errno, std::generic_category(), call);
}

int open_timer()
{
  const int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (fd < 0) fail("timerfd_create");
  return fd;
}

// A timer that is never due, but is cancelled when the clock is set (timerfd_create(2)).
void arm(int timer)
{
  constexpr time_t k_year_2255 = 9'000'000'000; // the kernel's clock cannot be set so far
  itimerspec never{};
  never.it_value.tv_sec = k_year_2255;
  if (timerfd_settime(timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never, nullptr) != 0)
    fail("timerfd_settime");
}

} // namespace

ClockSettings::ClockSettings(const asio::any_io_executor& ex) : timer_(ex, open_timer())
{
  arm(timer_.native_handle());
}

asio::awaitable<void> ClockSettings::next()
{
  for (;;) {
    std::uint64_t expirations = 0;
    const auto got = ::read(timer_.native_handle(), &expirations, sizeof expirations);
    if (got < 0 && errno == ECANCELED) {
      arm(timer_.native_handle());
      co_return;
    }
    co_await timer_.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
  }
}

} // namespace purser
