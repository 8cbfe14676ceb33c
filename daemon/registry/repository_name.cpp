#include "daemon/registry/repository_name.hpp"

#include <algorithm>
#include <cstddef>

namespace purser {
namespace {

constexpr std::size_t k_max_name = 255;

bool is_alphanumeric(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

// `.`, `_`, `__` or any number of dashes.
bool is_separator(std::string_view text)
{
  return text == "." || text == "_" || text == "__" ||
         (!text.empty() && text.find_first_not_of('-') == std::string_view::npos);
}

// [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*
bool is_component(std::string_view text)
{
  if (text.empty() || !is_alphanumeric(text.front()) || !is_alphanumeric(text.back())) return false;
  const auto* at = text.begin();
  while (at != text.end()) {
    const auto* const word_end = std::find_if_not(at, text.end(), is_alphanumeric);
    const auto* const next = std::find_if(word_end, text.end(), is_alphanumeric);
    if (word_end != next && !is_separator({word_end, static_cast<std::size_t>(next - word_end)}))
      return false;
    at = next;
  }
  return true;
}

} // namespace

bool is_repository_name(std::string_view text)
{
  if (text.size() > k_max_name) return false;
  for (;;) {
    const auto slash = text.find('/');
    if (!is_component(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

} // namespace purser
