#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <ostream>
#include <string>

namespace purser::cli {

// `purser doctor [REGISTRY] [--json]`: what a helper's `get` in this environment would be
// answered, and why; without a registry, how the daemon is. Never starts a daemon, and never
// shows a secret: the daemon does not send one.
//
// `purser doctor REGISTRY/REPOSITORY:ACTIONS`: whether that may be done there, by trying it, for
// scripts before a long job. This one starts a daemon where none runs.
[[nodiscard]] ExitCode show_doctor(const std::optional<std::string>& asked,
                                   bool json,
                                   std::ostream& out,
                                   std::ostream& err);

// The answer of POST /v1/doctor for people: a line a step, and the conclusion.
void print_doctor(const nlohmann::json& report, std::ostream& out);

// What its outcome is for scripts (docs/man/purser.1).
[[nodiscard]] ExitCode exit_code_of(const nlohmann::json& report);

void add_doctor(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
