#pragma once

#include "cli/setup/planned_file.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <vector>

namespace purser::cli::setup {

// The journal as JSON, version 1, and back; nothing where it is not what we write.
[[nodiscard]] nlohmann::json to_json(const std::vector<FileRecord>& records);
[[nodiscard]] std::optional<std::vector<FileRecord>> records_from(const nlohmann::json& json);

} // namespace purser::cli::setup
