#pragma once

#include "daemon/config/object_reader.hpp"

#include <span>
#include <string_view>

namespace purser {

// Every key that a rule may have, whatever its provider.
[[nodiscard]] std::span<const std::string_view> rule_keys();

// Agreed names of what comes next, so that a configuration written for a newer purser is not
// taken for a typing error.
[[nodiscard]] std::span<const std::string_view> later_rule_keys();

// Complains about keys that mean nothing to that provider.
void refuse_keys_of_others(ObjectReader& reader, std::string_view provider);

} // namespace purser
