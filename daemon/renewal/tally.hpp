#pragma once

#include "common/result.hpp"
#include "daemon/observe/histogram.hpp"
#include "daemon/renewal/policy.hpp"

#include <array>
#include <cstdint>
#include <map>

namespace purser {

// What a Renewing has done since it began, for metrics.
struct RenewalTally {
  std::array<std::uint64_t, 3> served{}; // by Freshness: fresh, due, critical
  std::uint64_t awaited = 0;             // answered by a fetch that the asker waited for
  std::map<Errc, std::uint64_t> refused; // askers that got an error
  std::uint64_t misses = 0;              // askers that found nothing alive
  std::uint64_t coalesced = 0;           // of all who waited, those who joined another's fetch
  std::uint64_t foreground = 0;          // fetches that an asker began
  std::uint64_t background = 0;          // fetches that nobody waited for
  std::uint64_t deferred = 0;            // put off by the limits of an endpoint
  std::uint64_t succeeded = 0;           // fetches
  std::map<Errc, std::uint64_t> failed;  // fetches
  std::uint64_t evicted = 0;             // values that made room for others
  std::uint64_t resumed = 0;             // times that the machine was seen to have slept
  StateTimes times;                      // of what is no longer held
  Histogram<9> age_at_renewal{{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}}; // of the life
  Histogram<9> remaining{{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9}};      // of it, when served
  Histogram<8> fetch_seconds{{0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60}};
  Duration least_remaining = Duration::max(); // of what was served
};

} // namespace purser
