#include "cli/export/base64.hpp"

#include <array>
#include <cstddef>

namespace purser::cli {

std::string encode_base64(std::string_view bytes)
{
  constexpr std::string_view k_digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto three = bytes.substr(i, 3);
    unsigned bits = 0;
    for (std::size_t at = 0; at < 3; ++at)
      bits = bits << 8U | (at < three.size() ? static_cast<unsigned char>(three[at]) : 0U);
    for (std::size_t digit = 0; digit < 4; ++digit)
      text += digit <= three.size() ? k_digits[bits >> (18 - 6 * digit) & 63U] : '=';
  }
  return text;
}

} // namespace purser::cli
