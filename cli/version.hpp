#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <ostream>

namespace purser::cli {

// `purser version [--json]`: of this program and, where one runs, of the daemon. No daemon is no
// failure here.
[[nodiscard]] ExitCode show_version(bool json, std::ostream& out, std::ostream& err);

void add_version(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
