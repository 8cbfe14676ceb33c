#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace purser {

// The variable that puts a caller into a namespace of its own (docs/protocol.md).
inline constexpr std::string_view k_namespace_variable = "PURSER_NAMESPACE";

inline constexpr std::size_t k_max_namespace = 64;

// For people: what is_namespace() wants.
inline constexpr std::string_view k_namespace_form =
    "1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit";

// Whether `name` is one of a namespace: of ASCII, and as k_namespace_form says.
[[nodiscard]] constexpr bool is_namespace(std::string_view name)
{
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
  };
  const auto known = [plain](char c) { return plain(c) || c == '.' || c == '-' || c == '_'; };
  return !name.empty() && name.size() <= k_max_namespace && plain(name.front()) &&
         std::all_of(name.begin(), name.end(), known);
}

static_assert(is_namespace("job-4711_a.b") && !is_namespace("") && !is_namespace("-a") &&
              !is_namespace("a/b") && !is_namespace("a b"));

} // namespace purser
