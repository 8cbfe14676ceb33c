#pragma once

#include "cli/command.hpp"

namespace purser::cli {

// `job start` and `job stop`: what `run` does, for CI systems whose steps are commands of their
// own.
void add_job(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
