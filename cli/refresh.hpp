#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace purser::cli {

// `purser refresh REGISTRY [--json]`: the daemon obtains a new token for what a helper's `get`
// in this environment would be answered with, though the one that it holds may be alive. Never
// starts a daemon, and never shows a secret: the daemon does not send one.
[[nodiscard]] ExitCode
refresh_token(const std::string& registry, bool json, std::ostream& out, std::ostream& err);

// What its outcome is for scripts (docs/man/purser.1).
[[nodiscard]] ExitCode refresh_exit_code(const nlohmann::json& answer);

// The answer of POST /v1/refresh for people: one line.
[[nodiscard]] std::string refresh_line(const nlohmann::json& answer);

void add_refresh(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
