#pragma once

#include "cli/command.hpp"
#include "cli/run/job_order.hpp"

#include <memory>
#include <string>
#include <vector>

namespace purser::cli {

// Runs a command with a daemon of its own, which is gone afterwards. Returns what the command
// returned; 125 where it could not be begun.
[[nodiscard]] ExitCode run_job(const jobs::JobOrder& order, const std::vector<std::string>& words);

// What `run` and `job start` know in common.
void add_order(CLI::App& command, jobs::JobOrder& order);

// CLI11 ends a subcommand at `--`. For `run` this hides the first one from it, in place; add_run()
// knows what stands there instead.
void hide_dashes(int argc, char** argv);

void add_run(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
