#include "daemon/time/clock_settings.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <sys/timex.h>

#include <cerrno>

namespace purser {
namespace {
namespace asio = boost::asio;

// Sets the clock a microsecond forward, or back: for the kernel, a step like any other.
bool set_clock(bool forward)
{
  timex step{};
  step.modes = ADJ_SETOFFSET;
  step.time.tv_sec = forward ? 0 : -1;
  step.time.tv_usec = forward ? 1 : 999'999;
  return ::adjtimex(&step) >= 0;
}

TEST(ClockSettings, EachStepIsToldOnce)
{
  asio::io_context io;
  ClockSettings settings(io.get_executor());
  int told = 0;
  auto count = [&settings, &told]() -> asio::awaitable<void> {
    for (;; ++told)
      co_await settings.next();
  };
  asio::co_spawn(io, count, [](const std::exception_ptr&) {});
  io.poll();
  EXPECT_EQ(told, 0);
  for (int i = 1; i <= 4; ++i) {
    const bool allowed = set_clock(i % 2 == 1);
    ASSERT_TRUE(allowed || errno == EPERM);
    io.restart();
    io.poll();
    EXPECT_EQ(told, allowed ? i : 0); // without the right to set it, at least nothing is made up
  }
}

} // namespace
} // namespace purser
