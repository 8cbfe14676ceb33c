#pragma once

#include "daemon/time/clock.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>

namespace purser {

// A token bucket: `burst` at once, and one more each `interval`. Pure: calls tell the time.
class TokenBucket {
public:
  constexpr TokenBucket(Duration interval, int burst) : interval_(interval), burst_(burst) {}

  // When one may be taken: `now`, or later.
  [[nodiscard]] BootTime next(BootTime now) const;
  // Takes the one of next(now).
  void take(BootTime now);
  [[nodiscard]] bool full(BootTime now) const { return full_at_ <= now; }

private:
  Duration interval_;
  int burst_;
  BootTime full_at_{};
};

// How much one endpoint is asked at most, whoever asks. What somebody waits for goes before
// what nobody waits for; the two never wait for each other. An empty name is not limited.
//
// ECR allows 20 questions a second and 200 at once for each account and region
// (docs/decisions/0002-renewal.md), of which this machine takes a part.
class Throttle {
public:
  static constexpr std::size_t k_max_background = 8;                // at once, for each endpoint
  static constexpr Duration k_look_again = std::chrono::seconds(1); // whether one has ended
  static constexpr Duration k_longest_wait = std::chrono::seconds(60);

  // For what nobody waits for: nothing where it may begin now, which then counts as begun;
  // else when to ask again.
  [[nodiscard]] std::optional<BootTime> begin_background(const std::string& endpoint, BootTime now);
  void end_background(const std::string& endpoint);

  // For what somebody waits for: when it may begin, which then counts as begun; nothing
  // where that is too far away.
  [[nodiscard]] std::optional<BootTime> begin_foreground(const std::string& endpoint, BootTime now);

  // Drops what is as if it had never been asked.
  void forget_idle(BootTime now);

private:
  struct Load {
    TokenBucket background{std::chrono::milliseconds(200), 10};
    TokenBucket foreground{std::chrono::milliseconds(50), 100};
    std::size_t in_background = 0;
  };
  std::map<std::string, Load> loads_;
};

} // namespace purser
