#pragma once

#include "daemon/time/clock.hpp"

#include <cstdint>
#include <string>

namespace purser {

// Whose cache it is, and since when its clock counts.
struct CacheOwner {
  std::uint64_t uid = 0;
  std::string machine; // /etc/machine-id; empty where there is none
  std::string boot;    // the kernel's boot id and the time namespace: one CLOCK_BOOTTIME
};

// Both clocks at one moment.
struct Moment {
  BootTime boot;
  WallTime wall;
};

// Of this process. Blocks.
[[nodiscard]] CacheOwner this_owner();

} // namespace purser
