#pragma once

#include "common/result.hpp"

#include <string>
#include <vector>

namespace purser {

// What the program that comes after this one, in the same process, takes over.
struct Inheritance {
  std::vector<std::string> arguments;   // behind the program's name
  std::vector<std::string> environment; // NAME=VALUE, beside what is there
  std::vector<int> descriptors;         // in that order, they become 3, 4, ...
};

// The number that the first descriptor gets.
inline constexpr int k_first_inherited = 3;

// Becomes the program at `path`, or where that cannot be started the one that runs now. Returns
// only where neither can. Afterwards descriptors from 3 on are not what they were: there is
// nothing left to do but to end.
[[nodiscard]] Error become(const std::string& path, const Inheritance& inheritance);

} // namespace purser
