#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace purser::cli {

// `purser store recover [--json]`: makes a new store of what still opens in a damaged one, and
// says which registries have to be logged in to again. Starts a daemon where none runs.
[[nodiscard]] ExitCode recover_store(bool json, std::ostream& out, std::ostream& err);

// The answer of POST /v1/recover for people.
void print_recovery(const nlohmann::json& answer, std::ostream& out);

// To the command `store`.
void add_recover(CLI::App& store, Chosen& chosen);

} // namespace purser::cli
