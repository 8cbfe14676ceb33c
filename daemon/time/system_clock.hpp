#pragma once

#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace purser {

// The machine's clocks. One timerfd on CLOCK_BOOTTIME wakes every sleeper, so that a
// deadline that passed while the machine slept is met at resume.
class SystemClock final : public Clock {
public:
  // Throws where the kernel gives no timer.
  explicit SystemClock(const boost::asio::any_io_executor& ex);
  ~SystemClock() override;
  SystemClock(const SystemClock&) = delete;
  SystemClock& operator=(const SystemClock&) = delete;

  [[nodiscard]] BootTime now() const override;
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] boost::asio::awaitable<void> sleep_until(BootTime wake) override;

private:
  class Alarms;
  // Shared with the sleepers, whose coroutines may die after the clock.
  std::shared_ptr<Alarms> alarms_;
};

} // namespace purser
