#pragma once

#include "daemon/config/config.hpp"
#include "daemon/observe/log_ring.hpp"

namespace purser {

// Sends the log to standard error: for the journal, which gets the level in front of
// each line, or for people, with the time. A reader that does not keep up loses lines
// and is told how many; the daemon never waits for it. Control characters in a line
// are replaced, so that no line can pretend to be two.
void init_log();

// What was logged last.
[[nodiscard]] const LogRing& recent_log();

// Whether standard error is the journal, as systemd says when it starts us.
[[nodiscard]] bool logs_to_journal();

void set_log_level(LogLevel level);

} // namespace purser
