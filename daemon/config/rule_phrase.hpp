#pragma once

#include "daemon/config/rule.hpp"

#include <string>

namespace purser {

// What a rule has its credentials from, for people: `ecr, profile prod`. Names, never values of
// variables.
[[nodiscard]] std::string rule_phrase(const Rule& rule);

} // namespace purser
