#pragma once

#include "cli/control_client.hpp"
#include "common/result.hpp"

#include <chrono>

namespace purser::cli {

// A way to a daemon, for commands that need one: where none listens, the installed helper is run
// once, which starts it as docker would.
//
// Errors: not_configured where that brought none, with what the helper says about it; timeout where
// one listens and does not answer.
[[nodiscard]] Result<ControlClient> woken_daemon(std::chrono::milliseconds limit);

// For who has run the helper already: `error` with why it brought no daemon, where it is that
// nobody listens; any other error as it is.
[[nodiscard]] Error with_reason(const Error& error);

} // namespace purser::cli
