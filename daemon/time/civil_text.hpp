#pragma once

#include "daemon/time/clock.hpp"

#include <array>
#include <chrono>
#include <ctime>
#include <string>

namespace purser {

// RFC 3339, UTC, whole seconds: 2026-01-02T03:04:05Z.
[[nodiscard]] inline std::string civil_text(WallTime at)
{
  const std::time_t when = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(at));
  std::tm parts{};
  ::gmtime_r(&when, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return {text.data(), size};
}

} // namespace purser
