#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <ostream>

namespace purser::cli {

// The registries that the daemon knows tokens for, a line each; nothing where none answers.
[[nodiscard]] ExitCode list_registries(std::ostream& out);

// `purser completion bash|zsh|fish`: a script for that shell, made from what the parser knows of
// all commands, of which this must be told last of all that run.
void add_completion(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
