#pragma once

#include "daemon/time/clock.hpp"

#include <array>
#include <ctime>
#include <string>

namespace purser::test {

// UTC, as strftime() has it.
inline std::string formatted(WallTime wall, const char* format)
{
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wall.time_since_epoch());
  const auto time = static_cast<time_t>(seconds.count());
  tm parts = {};
  gmtime_r(&time, &parts);
  std::array<char, 64> text{};
  strftime(text.data(), text.size(), format, &parts);
  return text.data();
}

} // namespace purser::test
