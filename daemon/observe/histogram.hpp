#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace purser {

// Counts of observations up to each bound, and above the last; not cumulative.
template <std::size_t Bounds>
struct Histogram {
  std::array<double, Bounds> bounds; // ascending, each included
  std::array<std::uint64_t, Bounds + 1> counts{};
  double sum = 0;

  void observe(double value)
  {
    const auto at = std::lower_bound(bounds.begin(), bounds.end(), value);
    ++counts[static_cast<std::size_t>(at - bounds.begin())];
    sum += value;
  }
};

} // namespace purser
