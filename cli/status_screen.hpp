#pragma once

#include "cli/terminal/line.hpp"
#include "cli/terminal/look.hpp"

#include <nlohmann/json.hpp>

#include <vector>

namespace purser::cli {

// The answer of GET /v1/status for a terminal: how much of its life is left to each token as a bar,
// sorted by registry, so that they stay where they are from one look to the next.
//
// Every registry is shown whole where the terminal is at all wide enough: with one line a token
// where all fit, else with two.
[[nodiscard]] std::vector<Line>
status_screen(const nlohmann::json& status, bool verbose, const Look& look);

} // namespace purser::cli
