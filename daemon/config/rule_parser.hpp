#pragma once

#include "common/result.hpp"
#include "daemon/config/rule.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace purser {

// One entry of `registries`; `place` is how errors call it, such as "registries[1]".
// A rule that could hand an ECR token to a host that is not ECR's is an error.
[[nodiscard]] Result<Rule> parse_rule(const nlohmann::json& entry, std::string place);

} // namespace purser
