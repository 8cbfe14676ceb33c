#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal/look.hpp"

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>

namespace purser::cli {

struct AuditForm {
  bool json = false;
  bool follow = false;
  std::optional<std::size_t> lines; // the last ones only
  std::string registry;             // only requests for it; empty: all
};

// `purser audit`: who asked for what, oldest first; with `follow` also all that come from now on,
// whichever daemon answers them.
[[nodiscard]] ExitCode
show_audit(const AuditForm& form, const Look& look, std::ostream& out, std::ostream& err);

void add_audit(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
