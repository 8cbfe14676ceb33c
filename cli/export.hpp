#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/export/order.hpp"

#include <ostream>

namespace purser::cli {

// `purser export`: writes what a helper's `get` in this environment is answered with to a file
// that other tools read, and prints its path; nothing unless every registry has a credential.
// With `keep` it then asks again and again, so that the daemon renews what is in use and the file
// says what is alive, until this process is told to end, which takes the file away.
[[nodiscard]] ExitCode
export_credentials(const ExportOrder& order, std::ostream& out, std::ostream& err);

void add_export(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
