#pragma once

#include "cli/command.hpp"
#include "cli/control_client.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal/look.hpp"

#include <ostream>

namespace purser::cli {

struct StatusForm {
  bool json = false;
  bool verbose = false;
};

// `purser status [--json] [--verbose]`: the daemon and what it holds, laid out for `look`. Never a
// secret: the daemon does not send one.
[[nodiscard]] ExitCode
show_status(StatusForm form, const Look& look, std::ostream& out, std::ostream& err);

void add_status(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
