#pragma once

#include "common/result.hpp"

#include <optional>

namespace purser {

// The command line of purserd (docs/man/purserd.8).
struct Options {
  bool help = false;
  bool version = false;
  bool once = false;              // answer the client on descriptor 0, then end
  bool started_by_helper = false; // end when idle
  bool for_job = false;           // of `purser run`: the same, and the starter listens for us
  std::optional<int> ready_fd;    // gets one byte when we listen
  // From the program whose place this one takes: its own socket, and the lock beside it.
  std::optional<int> listening_fd;
  std::optional<int> lock_fd;
  std::optional<int> broker_fd; // and the process that starts programs for it
  bool broker = false;          // be that process, on descriptor 3
};

inline constexpr const char* k_usage =
    "usage: purserd [--started-by-helper | --for-job] [--ready-fd N]\n"
    "       purserd --once | --version | --help\n"
    "\n"
    "The daemon of purser: obtains, renews and hands out registry credentials.\n"
    "Usually systemd or docker-credential-purser starts it; see purserd(8).\n";

[[nodiscard]] Result<Options> parse_options(int argc, char** argv);

} // namespace purser
