#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace purser {

inline constexpr std::size_t k_max_region = 32;

// Whether `name` has the form of a region of AWS, such as us-east-1; which there are is not known.
[[nodiscard]] constexpr bool is_region_name(std::string_view name)
{
  return !name.empty() && name.size() <= k_max_region &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

static_assert(is_region_name("eu-west-1") && !is_region_name("") && !is_region_name("x y") &&
              !is_region_name("EU-WEST-1"));

} // namespace purser
