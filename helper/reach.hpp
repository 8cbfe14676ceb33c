#pragma once

#include "common/socket_path.hpp"
#include "helper/connection.hpp"
#include "helper/deadline.hpp"

namespace purser::helper {

// Connects to the daemon, and starts one where none listens.
//
// One authority: the daemon is started under a lock, and only if nobody listens once
// the lock is held. So any number of helpers start one daemon, and none where systemd
// listens. `absent` then means that no daemon can live here.
[[nodiscard]] Connection reach_daemon(const SocketPath& path, const Deadline& deadline);

// A daemon for one request, for where none can live. `absent` where even that fails.
[[nodiscard]] Connection reach_once();

} // namespace purser::helper
