#pragma once

#include "cli/command.hpp"
#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"

#include <nlohmann/json.hpp>

#include <ostream>

namespace purser::cli {

struct StatusForm {
  bool json = false;
  bool verbose = false;
};

// `purser status [--json] [--verbose]`: the daemon and what it holds. Never a secret: the daemon
// does not send one.
[[nodiscard]] ExitCode show_status(StatusForm form, std::ostream& out, std::ostream& err);

// The answer of GET /v1/status for people: a line each token, or all that is known of it.
void print_status(const nlohmann::json& status, bool verbose, std::ostream& out);

void add_status(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
