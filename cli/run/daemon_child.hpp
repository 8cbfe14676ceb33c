#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <sys/types.h>

#include <string>
#include <vector>

namespace purser::cli::jobs {

// Where purserd is: PURSER_DAEMON, beside this program, or where it is installed. misconfigured
// where it is in none of these places.
[[nodiscard]] Result<std::string> find_purserd();

// What a daemon of a job is started with.
struct DaemonStart {
  std::string program;
  std::vector<std::string> environment; // all of it
  int listening = -1;                   // the socket that it answers on
  int ready = -1;                       // gets one byte as soon as it does; -1: nobody waits
  int log = -1;                         // for its standard error; -1: nobody reads it
};

// Starts it, as a service manager does: a child of this process, which ends when this process does.
// transient where there can be no further process. It is stopped with SIGTERM.
[[nodiscard]] Result<pid_t> start_purserd(const DaemonStart& start);

} // namespace purser::cli::jobs
