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

} // namespace purser::cli
