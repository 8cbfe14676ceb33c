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
// process of its own between itself and the daemon (supervisor.hpp). It outlives the program that
// started it where another takes that one's place in the same process: what the daemon gave up
// cannot be had again, so that a second broker would have it neither.
[[nodiscard]] Result<FileDescriptor> start_broker();

// Ours is one that was started by start_broker() before the file of this program was replaced, and
// became the new program: serves the socket that is its descriptor 3. Returns where that is none.
void continue_broker();

// Asks the broker to become the program that lies in the place of its own by now, if one does. It
// answers nobody; where the program cannot be started it goes on as it is.
bool renew_broker(const FileDescriptor& broker);

// What a job is about.
enum class Errand {
  program, // supervise()
  session, // keep_session()
};

// Hands the broker a job: the other end of `job`'s socket pair. False where it is gone or busy.
[[nodiscard]] bool pass_job(const FileDescriptor& broker, const FileDescriptor& job, Errand errand);

} // namespace purser
