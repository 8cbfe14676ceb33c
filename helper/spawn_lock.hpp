#pragma once

#include "common/file_descriptor.hpp"
#include "helper/deadline.hpp"
#include "helper/descriptor.hpp"

namespace purser::helper {

// Held by the one helper that starts a daemon, so that all others find it listening.
struct SpawnLock {
  enum class State { held, timed_out, failed };

  State state = State::failed;
  int error = 0;         // errno, where it failed
  Descriptor descriptor; // holds the lock until it is closed
};

// Waits for the lock until the deadline.
[[nodiscard]] SpawnLock take_spawn_lock(const FileDescriptor& run_folder, const Deadline& deadline);

} // namespace purser::helper
