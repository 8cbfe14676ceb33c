#pragma once

#include "daemon/config/object_reader.hpp"
#include "daemon/config/rule.hpp"

namespace purser {

// What a rule says of tokens by scope: `realms`, `plain_http`, `exact_scopes`.
void read_token_keys(ObjectReader& reader, Rule& rule);

} // namespace purser
