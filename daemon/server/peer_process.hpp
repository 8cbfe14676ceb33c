#pragma once

#include "common/file_descriptor.hpp"

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace purser {

// A file of the kernel's, told from all others.
struct FileIdentity {
  dev_t device = 0;
  ino_t number = 0;

  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

// The process at the other end of a connected Unix socket, held by a descriptor: what that tells
// is never of a later process with the same number. Linux has such descriptors of peers since 6.5,
// tells the namespace since 6.11 and the rest since 6.13; before, nothing is known here.
class PeerProcess {
public:
  explicit PeerProcess(int socket);

  struct State {
    bool ended = false; // and its number may be another's by now
    // As the inode of the cgroup's folder in cgroup2.
    std::optional<std::uint64_t> cgroup_id;
  };
  // Asks the kernel; neither where it does not say.
  [[nodiscard]] State state() const;

  // Its mount namespace. Nothing where the kernel does not say.
  [[nodiscard]] std::optional<FileIdentity> mounts() const;

private:
  FileDescriptor process_;
};

} // namespace purser
