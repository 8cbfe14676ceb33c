#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/import/import_words.hpp"

#include <ostream>

namespace purser::cli {

// `purser import`: takes what registry clients and other helpers keep into purser's store, and then
// out of the files in which it lies in plain text (docs/import.md, decision 8). Shows what it would
// do and asks before it does it; with neither a terminal nor --yes it fails. Runs the installed
// helper, which starts a daemon where none runs.
//
// No secret is printed. From the beginning on this process cannot be examined by others of the same
// user, and leaves no core file.
[[nodiscard]] ExitCode
import_credentials(const ImportWords& words, std::ostream& out, std::ostream& err);

void add_import(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
