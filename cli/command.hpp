#pragma once

#include "cli/exit_code.hpp"

#include <CLI/App.hpp>
// An App constructs these two, so whatever includes the one above links with them only.
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>

namespace purser::cli {

// What the command line asked for: set while it is parsed, run after all of it was understood.
// Each command describes itself to the parser (`add_status` and its like, one in each command's
// header) and says there what it would do.
using Chosen = std::function<ExitCode()>;

} // namespace purser::cli
