#pragma once

#include "cli/terminal/line.hpp"
#include "cli/terminal/look.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace purser::cli {

// The report of a doctor for a terminal: each finding whole, below itself where it is long.
[[nodiscard]] std::vector<Line> doctor_screen(const nlohmann::json& report, const Look& look);

} // namespace purser::cli
