#pragma once

#include "daemon/config/env_rule.hpp"
#include "daemon/config/object_reader.hpp"

#include <string>
#include <string_view>

namespace purser {

// What a rule for `env` says beside what all rules say. Complaints are the reader's. A variable
// that no helper sends is one.
[[nodiscard]] EnvRule read_env_rule(ObjectReader& reader);

// Complains about `name`, which stands at `key`, unless helpers send a variable of that name.
void check_forwarded(ObjectReader& reader, std::string_view key, std::string_view name);

} // namespace purser
