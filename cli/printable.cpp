#include "cli/printable.hpp"

#include <cstddef>

namespace purser::cli {
namespace {

// U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069, which end lines or turn them around, so
// that a name looks like another.
bool turns_text(std::string_view text)
{
  if (text.size() < 3 || text[0] != '\xe2') return false;
  const auto second = static_cast<unsigned char>(text[1]);
  const auto third = static_cast<unsigned char>(text[2]);
  if (second == 0x80) return third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae);
  return second == 0x81 && third >= 0xa6 && third <= 0xa9;
}

} // namespace

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
    if (turns_text(std::string_view(shown).substr(i))) shown.replace(i, 3, "?");
  }
  return shown;
}

} // namespace purser::cli
