#pragma once

#include "daemon/time/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

struct LogLine {
  std::uint64_t number = 0; // from 1 on, in the order of the lines
  WallTime at{};
  std::string_view level; // a literal, as in log.level; "critical" besides
  std::string text;
};

// The last lines of the log, for those who cannot see standard error: that of a daemon which a
// helper started goes nowhere. At most k_max_bytes of memory, whatever is logged.
//
// The worker threads log as well, hence the mutex; nobody waits under it.
class LogRing {
public:
  static constexpr std::size_t k_max_bytes = std::size_t{64} << 10;

  void add(WallTime at, std::string_view level, std::string text);
  // Those after number `after` that are still kept.
  [[nodiscard]] std::vector<LogLine> since(std::uint64_t after) const;
  // The number of the newest line; 0: there is none.
  [[nodiscard]] std::uint64_t last() const;

private:
  mutable std::mutex mutex_;
  std::deque<LogLine> lines_;
  std::size_t bytes_ = 0;
  std::uint64_t last_ = 0;
};

} // namespace purser
