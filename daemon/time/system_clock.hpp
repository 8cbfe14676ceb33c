#pragma once

#include "daemon/async/event.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <map>
#include <memory>

namespace purser {

// The machine's clocks. One timerfd on CLOCK_BOOTTIME wakes every sleeper, so that a
// deadline that passed while the machine slept is met at resume.
class SystemClock final : public Clock {
public:
  explicit SystemClock(boost::asio::any_io_executor ex);

  [[nodiscard]] BootTime now() const override;
  [[nodiscard]] WallTime wall() const override;
  [[nodiscard]] boost::asio::awaitable<void> sleep_until(BootTime wake) override;

private:
  void arm();
  void wait();
  void wake_due();

  boost::asio::any_io_executor ex_;
  boost::asio::posix::stream_descriptor timer_;
  std::multimap<BootTime, std::shared_ptr<Event>> alarms_;
  bool waiting_ = false;
};

} // namespace purser
