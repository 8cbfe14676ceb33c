#pragma once

#include "common/forwarded_variables.hpp"

#include <algorithm>
#include <string_view>

namespace purser {

// Whether this can be the name of a variable that helpers send.
[[nodiscard]] inline bool is_forwarded_name(std::string_view name)
{
  const auto plain = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return std::all_of(name.begin(), name.end(), plain) && is_forwarded(name);
}

} // namespace purser
