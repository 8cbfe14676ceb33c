#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace purser::cli {

// `purser audit [--json]`: who asked for what, oldest first.
[[nodiscard]] ExitCode show_audit(bool json, std::ostream& out, std::ostream& err);

// The answer of GET /v1/audit for people.
void print_audit(const nlohmann::json& audit, std::ostream& out);

void add_audit(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
