#include "cli/printable.hpp"

#include <cstddef>

namespace purser::cli {

std::string printable(std::string_view text)
{
  std::string shown(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto byte = static_cast<unsigned char>(shown[i]);
    if (byte < 0x20 || byte == 0x7f) shown[i] = '?';
    // U+0080 to U+009F, of which some terminals obey a few.
    const bool control =
        byte == 0xc2 && i + 1 < shown.size() && static_cast<unsigned char>(shown[i + 1]) < 0xa0;
    if (control) shown.replace(i, 2, "?");
  }
  return shown;
}

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

} // namespace purser::cli
