#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

namespace purser {

// Forks the process that starts programs for the daemon, and returns the daemon's end of the
// socket between them. Closing it ends the broker.
//
// Call it first of all: while there is one thread, before there are secrets in memory, and
// before this process restricts itself, since programs inherit all that the broker has. The
// broker keeps no open file of its parent's and no program's result: each program has a
// process of its own between itself and the daemon (supervisor.hpp).
[[nodiscard]] Result<FileDescriptor> start_broker();

// Hands the broker a job: the other end of `job`'s socket pair. False where it is gone or busy.
[[nodiscard]] bool pass_job(const FileDescriptor& broker, const FileDescriptor& job);

} // namespace purser
