#pragma once

#include "helper/daemon_program.hpp"
#include "helper/deadline.hpp"
#include "helper/descriptor.hpp"
#include "helper/environment.hpp"

namespace purser::helper {

enum class Started { ready, failed, timed_out };

// Starts the daemon so that it lives on by itself: its own session, nothing of ours
// but the pipe on which it says that it listens. Returns when it has said so, when it
// ended without a word, or at the deadline.
[[nodiscard]] Started start_daemon(const DaemonProgram& program,
                                   const DaemonEnvironment& environment,
                                   const Deadline& deadline);

// Starts a daemon for one request, on the connection that is returned (closed where
// none could be started). It ends with our process group: nobody else needs it.
[[nodiscard]] Descriptor start_once(const DaemonProgram& program,
                                    const DaemonEnvironment& environment);

} // namespace purser::helper
