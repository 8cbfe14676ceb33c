#pragma once

#include "cli/exit_code.hpp"
#include "cli/terminal/look.hpp"

#include <chrono>
#include <ostream>

namespace purser::cli {

// `purser status --watch`: the status on the whole terminal, anew at each interval, until somebody
// presses q or ends the process. A daemon that is gone is said and asked for again: one that is
// started meanwhile is shown. Nothing is started.
[[nodiscard]] ExitCode watch_status(std::chrono::milliseconds interval,
                                    bool verbose,
                                    ColourWish colour,
                                    std::ostream& err);

} // namespace purser::cli
