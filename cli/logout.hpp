#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <ostream>
#include <string>

namespace purser::cli {

// `purser logout REGISTRY`: what was stored for it is erased, and so are its tokens. Nothing stored
// is no failure.
[[nodiscard]] ExitCode log_out(const std::string& registry, std::ostream& out, std::ostream& err);

void add_logout(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
