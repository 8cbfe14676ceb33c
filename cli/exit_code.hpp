#pragma once

namespace purser::cli {

// What `purser` ends with; docs/man/purser.1 promises these.
enum class ExitCode {
  success = 0,
  failure = 1,   // the daemon answered with an error, or something is broken
  usage = 2,     // the command line
  no_daemon = 3, // nobody listens at the socket
};

} // namespace purser::cli
