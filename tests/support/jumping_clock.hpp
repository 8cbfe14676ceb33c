#pragma once

#include "daemon/async/event.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <vector>

namespace purser::test {

// Sleepers wake at once, and it is as late as they wanted. Remembers how long they slept.
// Who would sleep for longer than five seconds waits for a deadline: none ever passes.
class JumpingClock final : public Clock {
public:
  [[nodiscard]] BootTime now() const override { return now_; }
  [[nodiscard]] WallTime wall() const override { return wall_at_boot_ + now_.time_since_epoch(); }
  boost::asio::awaitable<void> sleep_until(BootTime wake) override
  {
    if (wake - now_ > std::chrono::seconds(5)) {
      Event never(co_await boost::asio::this_coro::executor);
      co_await never.wait();
    }
    slept.push_back(wake - now_);
    now_ = std::max(now_, wake);
    co_return;
  }

  void advance(Duration d) { now_ += d; }
  void set_wall(WallTime wall) { wall_at_boot_ = wall - now_.time_since_epoch(); }

  std::vector<Duration> slept;

private:
  BootTime now_{};
  WallTime wall_at_boot_{};
};

} // namespace purser::test
