#pragma once

#include "cli/terminal/line.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string_view>
#include <vector>

namespace purser::cli {

// The answer of GET /v1/audit for people. A table, but on a terminal that is too narrow for it two
// lines for each request.
void print_audit(const nlohmann::json& audit, const Look& look, std::ostream& out);

// One request: in one line where that fits, otherwise what was asked for, and below it what came of
// it and who asked.
[[nodiscard]] std::vector<Line> event_lines(const nlohmann::json& event, const Look& look);

// Whether the request was for this registry, or a repository in it.
[[nodiscard]] bool is_about(const nlohmann::json& event, std::string_view registry);

} // namespace purser::cli
