#pragma once

#include <string>
#include <string_view>

namespace purser {

// Two lower-case digits for each byte.
inline std::string hex(std::string_view bytes)
{
  constexpr std::string_view k_digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += k_digits[static_cast<unsigned char>(c) >> 4U];
    text += k_digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

} // namespace purser
