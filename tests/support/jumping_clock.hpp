#pragma once

#include "daemon/time/clock.hpp"

#include <algorithm>
#include <vector>

namespace purser::test {

// Sleepers wake at once, and it is as late as they wanted. Remembers how long they slept.
class JumpingClock final : public Clock {
public:
  [[nodiscard]] BootTime now() const override { return now_; }
  [[nodiscard]] WallTime wall() const override { return wall_at_boot_ + now_.time_since_epoch(); }
  boost::asio::awaitable<void> sleep_until(BootTime wake) override
  {
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
