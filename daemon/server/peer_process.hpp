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

// Asks the kernel for a descriptor of the process at the other end of a socket (SO_PEERPIDFD):
// that, or minus the error.
using AskForPeer = int (*)(int socket);
[[nodiscard]] int ask_for_peer(int socket);

// The process at the other end of a connected Unix socket, held by a descriptor: what that tells
// is never of a later process with the same number.
//
// Linux has such descriptors of peers since 6.5, tells the namespace since 6.11 and the rest since
// 6.13. Before 6.5 it is the process that has the number of the peer, held by its folder in /proc,
// if it also has the other end of the socket: one that was given the number later does not. Where
// that is not seen, the peer counts as ended.
class PeerProcess {
public:
  // `number` is the process's (SO_PEERCRED).
  PeerProcess(int socket, pid_t number, AskForPeer ask = ask_for_peer);

  struct State {
    bool ended = false; // and its number may be another's by now
    // As the inode of the cgroup's folder in cgroup2; nothing where the kernel does not say.
    std::optional<std::uint64_t> cgroup_id;
  };
  // Asks the kernel. Where the process has not ended, what was read by its number since this
  // object was made is of this process.
  [[nodiscard]] State state() const;

  // Its mount namespace. Nothing where the kernel does not say.
  [[nodiscard]] std::optional<FileIdentity> mounts() const;

private:
  FileDescriptor process_; // as the kernel gave it
  FileDescriptor folder_;  // older kernels: in /proc
};

// Whether that is seen of anybody here. Otherwise every peer counts as ended.
[[nodiscard]] bool kernel_proves_peers(AskForPeer ask = ask_for_peer);

} // namespace purser
