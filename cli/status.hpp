#pragma once

#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace purser::cli {

// `purser status [--json]`: the daemon and what it holds. Never a secret: the daemon
// does not send one.
[[nodiscard]] ExitCode show_status(bool json, std::ostream& out, std::ostream& err);

// The answer of GET /v1/status for people.
void print_status(const nlohmann::json& status, std::ostream& out);

} // namespace purser::cli
