#include "daemon/server/peer_process.hpp"

#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace purser {
namespace {

#ifdef SO_PEERPIDFD
constexpr int k_peer_descriptor = SO_PEERPIDFD;
#else
constexpr int k_peer_descriptor = 77; // asm-generic/socket.h, since Linux 6.5
#endif

// struct pidfd_info and PIDFD_GET_INFO of linux/pidfd.h, as they came with Linux 6.13.
struct ProcessInfo {
  std::uint64_t mask = 0; // what is asked for, and what was answered
  std::uint64_t cgroup_id = 0;
  std::array<std::uint32_t, 12> ids{}; // of processes, users and groups
};
static_assert(sizeof(ProcessInfo) == 64);
constexpr std::uint64_t k_cgroup_id = 1U << 2U;
constexpr unsigned long k_get_info = _IOWR(0xff, 11, ProcessInfo);
constexpr unsigned long k_get_mounts = _IO(0xff, 3); // PIDFD_GET_MNT_NAMESPACE

} // namespace

PeerProcess::PeerProcess(int socket)
{
  int number = -1;
  socklen_t size = sizeof(number);
  if (::getsockopt(socket, SOL_SOCKET, k_peer_descriptor, &number, &size) == 0)
    process_ = FileDescriptor(number);
}

PeerProcess::State PeerProcess::state() const
{
  State state;
  if (!process_.is_open()) return state;
  ProcessInfo info;
  info.mask = k_cgroup_id;
  if (::ioctl(process_.number(), k_get_info, &info) != 0)
    state.ended = errno == ESRCH;
  else if ((info.mask & k_cgroup_id) != 0)
    state.cgroup_id = info.cgroup_id;
  return state;
}

std::optional<FileIdentity> PeerProcess::mounts() const
{
  if (!process_.is_open()) return std::nullopt;
  const FileDescriptor space(::ioctl(process_.number(), k_get_mounts, 0));
  struct stat status {};
  if (!space.is_open() || ::fstat(space.number(), &status) != 0) return std::nullopt;
  return FileIdentity{status.st_dev, status.st_ino};
}

} // namespace purser
