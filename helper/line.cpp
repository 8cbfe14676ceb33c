#include "helper/line.hpp"

#include <charconv>

namespace purser::helper {

Line& Line::operator<<(int number)
{
  std::array<char, 16> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  return *this << std::string_view(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

Line& Line::quote(std::string_view foreign)
{
  for (const char c : foreign.substr(0, k_quote_size))
    push(c > ' ' && c < '\x7f' ? c : '?');
  return *this;
}

} // namespace purser::helper
