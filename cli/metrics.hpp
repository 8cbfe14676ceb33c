#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <ostream>

namespace purser::cli {

// `purser metrics`: what `GET /metrics` answers, byte for byte (docs/metrics.md).
[[nodiscard]] ExitCode show_metrics(std::ostream& out, std::ostream& err);

void add_metrics(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
