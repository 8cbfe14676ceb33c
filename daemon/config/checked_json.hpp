#pragma once

#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace purser {

// What a file may hold besides JSON.
enum class JsonComments {
  allowed, // in files of ours
  refused, // in files of others: who else reads them does not know comments
};

// JSON, read strictly: at most 1 MiB, at most 16 levels deep, no key twice in one object.
// Errors (Errc::misconfigured) name line and column, and never quote a value.
[[nodiscard]] Result<nlohmann::json>
parse_checked_json(std::string_view text, JsonComments comments = JsonComments::allowed);

// A key as an error may show it: printable ASCII, at most 40 characters.
[[nodiscard]] std::string shown_key(std::string_view key);

} // namespace purser
