#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"

#include <ostream>

namespace purser::cli {

// `purser store rotate-key`: a new key for what is stored. Asks for the passphrase where the key
// is under one. Starts a daemon where none runs.
[[nodiscard]] ExitCode rotate_key(int passphrase_descriptor, std::ostream& out, std::ostream& err);

// To the command `store`.
void add_rotate_key(CLI::App& store, Chosen& chosen);

} // namespace purser::cli
