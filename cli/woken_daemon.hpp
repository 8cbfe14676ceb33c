#pragma once

#include "cli/control_client.hpp"
#include "common/result.hpp"

#include <chrono>

namespace purser::cli {

// A way to a daemon, for commands that need one: where none listens, the installed helper is run
// once, which starts it as docker would. not_configured where that brought none.
[[nodiscard]] Result<ControlClient> woken_daemon(std::chrono::milliseconds limit);

} // namespace purser::cli
