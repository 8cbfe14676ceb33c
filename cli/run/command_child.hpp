#pragma once

#include <string>
#include <vector>

namespace purser::cli::jobs {

// Holds back the signals that run_command() passes on, from now on.
void hold_signals();

// Runs a command as a shell does, in this process group and with this environment, and returns what
// to end with: its exit code, 128 and the signal that ended it, 127 where there is no such program,
// 126 where it cannot be run, 125 where there can be no further process. Signals that somebody
// sends us are passed on to it; those of the terminal reach it by themselves. What it leaves
// running does not keep us. Needs hold_signals().
[[nodiscard]] int run_command(const std::vector<std::string>& words);

inline constexpr int k_run_failed = 125; // not the command's fault, but ours

} // namespace purser::cli::jobs
