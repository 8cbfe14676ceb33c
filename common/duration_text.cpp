#include "common/duration_text.hpp"

namespace purser {

std::string duration_text(long long seconds)
{
  if (seconds < 0) return "-";
  const auto two = [](long long large, const char* a, long long small, const char* b) {
    auto text = std::to_string(large) + a;
    if (small != 0) text += " " + std::to_string(small) + b;
    return text;
  };
  if (seconds < 60) return std::to_string(seconds) + " s";
  if (seconds < 3600) return two(seconds / 60, " m", seconds % 60, " s");
  if (seconds < 86'400) return two(seconds / 3600, " h", seconds % 3600 / 60, " m");
  return two(seconds / 86'400, " d", seconds % 86'400 / 3600, " h");
}

} // namespace purser
