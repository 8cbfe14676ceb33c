#pragma once

#include <cstddef>
#include <string_view>

namespace purser {

// Parts of a text, cut to what is there. What string_view has for this (substr, and
// starts_with by way of it) may throw and so needs a library that the helper has not.

// The first `size` bytes, or all.
[[nodiscard]] constexpr std::string_view head(std::string_view text, std::size_t size)
{
  return {text.data(), text.size() < size ? text.size() : size};
}

// What follows the first `size` bytes.
[[nodiscard]] constexpr std::string_view tail(std::string_view text, std::size_t size)
{
  text.remove_prefix(head(text, size).size());
  return text;
}

[[nodiscard]] constexpr bool begins_with(std::string_view text, std::string_view prefix)
{
  return head(text, prefix.size()) == prefix;
}

} // namespace purser
