#pragma once

#include "common/file_descriptor.hpp"

#include <chrono>

// What a keeper has below it: its daemon, and whatever that started.
namespace purser::cli::jobs {

// Holds back SIGTERM, SIGINT, SIGHUP and SIGCHLD, which are read from this descriptor instead. Not
// open where there can be none.
[[nodiscard]] FileDescriptor open_signals();

// From now on the children of a child that ends are ours, and not lost: programs that the daemon
// ran.
void adopt_descendants();

// Returns when there is no child any more. Who has not ended after `limit` is killed. Takes what
// there is from `signals`.
void end_descendants(const FileDescriptor& signals, std::chrono::milliseconds limit);

} // namespace purser::cli::jobs
