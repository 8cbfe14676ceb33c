#pragma once

#include <sys/types.h>

#include <optional>

namespace purser {

// Who holds the other end of a connected Unix socket, by what the kernel says of sockets to
// everybody (sock_diag(7)). For kernels that do not say it themselves, see PeerProcess.

// The number of the socket at the other end. Nothing where it was closed, where it is in another
// network namespace, and where the kernel does not say.
[[nodiscard]] std::optional<ino_t> other_end(int socket);

// How many descriptors of a process are looked at: as many as most may have. So many take 1.5 ms
// of the event loop; a helper, which has four, 0.01.
inline constexpr int k_most_descriptors = 1024;

// Whether the process of this folder (/proc/PID, open) has the socket of that number among its
// first descriptors. False where they cannot be read.
[[nodiscard]] bool has_socket(int process, ino_t number);

} // namespace purser
