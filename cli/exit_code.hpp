#pragma once

namespace purser::cli {

// What `purser` ends with; docs/man/purser.1 promises these.
enum class ExitCode {
  success = 0,
  failure = 1,   // the daemon answered with an error, or something is broken
  usage = 2,     // the command line
  no_daemon = 3, // nobody listens at the socket
  // Of doctor, token, login and refresh, where no credential or token would be handed out
  // (exit_code_of_outcome(); of export, which asks the helper, only 5):
  configuration = 4,  // the daemon's configuration has to be corrected
  no_credentials = 5, // nobody configured or stored any
  source_fails = 6,   // there are some, and they cannot be used
  // Of refresh:
  not_renewable = 7, // a credential is handed out as somebody gave it
  // Of doctor, token and login:
  not_allowed = 8, // the credential is good, and may not do what was asked for
};

} // namespace purser::cli
