#include "daemon/server/peer.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

namespace purser {
namespace {

// The kernel's own file system: no disk is touched.
std::string link_target(const std::string& path)
{
  std::array<char, 512> target{};
  const ssize_t size = ::readlink(path.c_str(), target.data(), target.size());
  if (size <= 0 || static_cast<std::size_t>(size) == target.size()) return {};
  return {target.data(), static_cast<std::size_t>(size)};
}

} // namespace

PeerCheck::PeerCheck(std::vector<uid_t> allowed)
  : allowed_(std::move(allowed)), our_mounts_(link_target("/proc/self/ns/mnt"))
{
}

std::optional<Peer> PeerCheck::identify(int socket) const
{
  ucred who{};
  socklen_t size = sizeof(who);
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return std::nullopt;
  if (std::find(allowed_.begin(), allowed_.end(), who.uid) == allowed_.end()) return std::nullopt;

  Peer peer;
  peer.pid = who.pid;
  peer.uid = who.uid;
  if (who.pid > 0) { // 0: the peer lives in a process namespace that we do not see
    const std::string process = "/proc/" + std::to_string(who.pid);
    peer.local = !our_mounts_.empty() && link_target(process + "/ns/mnt") == our_mounts_;
    peer.executable = link_target(process + "/exe");
  }
  return peer;
}

} // namespace purser
