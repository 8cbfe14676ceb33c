#pragma once

#include "daemon/server/request_handler.hpp"

#include <optional>
#include <string>
#include <vector>

namespace purser {

// Recognises who is at the other end of a Unix socket.
class PeerCheck {
public:
  // `allowed` are the uids that are served.
  explicit PeerCheck(std::vector<uid_t> allowed);

  // Nothing where the peer is not served or the kernel does not say who it is.
  [[nodiscard]] std::optional<Peer> identify(int socket) const;

private:
  std::vector<uid_t> allowed_;
  std::string our_mounts_; // what /proc/self/ns/mnt links to; empty where unknown
};

} // namespace purser
