#pragma once

#include "daemon/time/clock.hpp"

#include <map>
#include <string>

namespace purser::aws {

// How far the clocks of AWS's hosts are from ours, where that is so much that signatures
// are refused.
class ClockOffsets {
public:
  // What the host's clock says when ours says `now`.
  [[nodiscard]] WallTime at(const std::string& host, WallTime now) const;

  // The host said `theirs` when our clock said `ours`. True where they differ too much and
  // that was not known yet, so that signing again is worth it.
  bool learn(const std::string& host, WallTime theirs, WallTime ours);

  // After our clock was set: nothing of it is true any more.
  void forget() { offsets_.clear(); }

  // Those that are large enough to count, by host.
  [[nodiscard]] const std::map<std::string, Duration>& known() const { return offsets_; }

private:
  std::map<std::string, Duration> offsets_;
};

} // namespace purser::aws
