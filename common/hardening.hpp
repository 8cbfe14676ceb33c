#pragma once

#include <string>
#include <vector>

namespace purser {

// Makes this process a worse target for other processes of the same user: not
// dumpable (no ptrace, no /proc/PID/mem, no /proc/PID/environ), no core files, and no
// privileges gained by executing a program.
//
// Returns one line for each step that failed, for the log and status. A process that
// forks later passes all of it on; executing a program makes it dumpable again.
[[nodiscard]] std::vector<std::string> harden_process();

} // namespace purser
