#pragma once

#include "daemon/renewal/renewing.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace purser {

// Whether what is held is handed out although its successor cannot be had until somebody
// mends something.
[[nodiscard]] inline bool is_degraded(const RenewalView& view, BootTime now)
{
  return view.failing_since && view.last_error && !is_temporary(view.last_error->code) &&
         view.life && freshness(*view.life, now) != Freshness::expired;
}

// What a Renewing has done and what it holds, for metrics.
struct RenewalReport {
  RenewalTally tally;
  std::array<std::uint64_t, 4> held{}; // keys, by the Freshness of their value
  std::uint64_t empty = 0;             // keys without a value
  std::uint64_t failing = 0;           // keys whose last fetch failed
  std::uint64_t degraded = 0;          // of these (is_degraded())
  StateTimes times;                    // of what is held and of what was
};

template <class Key, class Value>
[[nodiscard]] RenewalReport report_on(const Renewing<Key, Value>& values, BootTime now)
{
  RenewalReport report;
  report.tally = values.tally();
  report.times = report.tally.times;
  values.visit([&report, now](const Key&, const RenewalView& view) {
    if (view.life)
      ++report.held.at(static_cast<std::size_t>(freshness(*view.life, now)));
    else
      ++report.empty;
    if (view.failing_since) ++report.failing;
    if (is_degraded(view, now)) ++report.degraded;
    report.times += view.times;
  });
  return report;
}

} // namespace purser
