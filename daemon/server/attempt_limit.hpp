#pragma once

#include "daemon/time/clock.hpp"

#include <algorithm>
#include <chrono>

namespace purser {

// How soon another passphrase may be tried: one second after a wrong one, twice as long after each
// wrong one that follows, at most a minute. Of this process only.
class AttemptLimit {
public:
  static constexpr Duration k_first = std::chrono::seconds(1);
  static constexpr Duration k_longest = std::chrono::seconds(60);

  // Zero where it may be tried now.
  [[nodiscard]] Duration left(BootTime now) const
  {
    return std::max(next_ - now, Duration::zero());
  }

  void failed(BootTime now)
  {
    next_ = now + delay_;
    delay_ = std::min<Duration>(2 * delay_, k_longest);
  }
  void succeeded() { *this = AttemptLimit(); }

private:
  Duration delay_ = k_first;
  BootTime next_{};
};

} // namespace purser
