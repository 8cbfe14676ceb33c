#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace purser::cli {

// `purser namespace list [--json]`: the namespaces (PURSER_NAMESPACE) that hold anything, and how
// much. `purser namespace clear NAME|--all`: erases all that was stored in one; for the end of a
// job. What is not there needs no clearing: that is a success. Both start a daemon where none runs.
[[nodiscard]] ExitCode list_namespaces(bool json, std::ostream& out, std::ostream& err);
[[nodiscard]] ExitCode
clear_namespace(const std::string& name, std::ostream& out, std::ostream& err);
[[nodiscard]] ExitCode clear_all_namespaces(std::ostream& out, std::ostream& err);

// The answer of GET /v1/namespaces for people.
void print_namespaces(const nlohmann::json& answer, std::ostream& out);

void add_namespace(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
