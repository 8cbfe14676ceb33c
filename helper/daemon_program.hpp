#pragma once

#include "helper/line.hpp"

#include <limits.h>

#include <array>

namespace purser::helper {

// Where purserd is installed, or why it was not found.
struct DaemonProgram {
  std::array<char, PATH_MAX> path{}; // NUL-terminated
  Line problem;                      // empty where it was found
};

// PURSER_DAEMON (an absolute path) alone, if it is set. Otherwise beside this program,
// then in the libexec folder next to its own, then where it was configured to be
// installed. PATH is never searched: whoever can change it could be asked for secrets.
[[nodiscard]] DaemonProgram find_daemon_program();

} // namespace purser::helper
