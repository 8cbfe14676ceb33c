#pragma once

#include "daemon/server/cgroup_names.hpp"
#include "daemon/server/peer_process.hpp"
#include "daemon/server/request_handler.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// Recognises who is at the other end of a Unix socket.
class PeerCheck {
public:
  // `allowed` are the uids that are served.
  explicit PeerCheck(std::vector<uid_t> allowed, AskForPeer ask = ask_for_peer);

  // Nothing where the peer is not served or the kernel does not say who it is. Of a process that
  // has ended, or that is not proven to be the peer, number and user are all that is told.
  [[nodiscard]] std::optional<Peer> identify(int socket);

private:
  [[nodiscard]] bool shares_our_mounts(const PeerProcess& held, const std::string& process) const;
  [[nodiscard]] SharedText shared(std::string_view executable);

  std::vector<uid_t> allowed_;
  AskForPeer ask_;
  std::optional<FileIdentity> our_mounts_; // our mount namespace; nothing where unknown
  std::array<SharedText, 8> executables_;  // seen last: most clients are one of a few
  std::size_t oldest_ = 0;                 // of these
  CgroupNames cgroups_;
};

} // namespace purser
