#pragma once

#include "daemon/config/object_reader.hpp"
#include "daemon/config/web_identity_rule.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace purser {

// `web_identity` of a rule, and `audience`. Nothing where it is absent; complaints are the
// reader's. A variable that no helper sends is one.
[[nodiscard]] std::optional<WebIdentityRule> read_web_identity(ObjectReader& reader,
                                                               const nlohmann::json& rule);

} // namespace purser
