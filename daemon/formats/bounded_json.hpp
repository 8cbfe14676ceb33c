#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace purser {

// JSON from servers: never throws, at most 16 levels deep. discarded() where it is none.
[[nodiscard]] nlohmann::json parse_bounded_json(std::string_view text);

// The string at `pointer`; null where there is none.
[[nodiscard]] const std::string* find_string(const nlohmann::json& json,
                                             const nlohmann::json::json_pointer& pointer);

} // namespace purser
