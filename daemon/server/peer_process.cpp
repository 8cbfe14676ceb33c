#include "daemon/server/peer_process.hpp"

#include "daemon/server/other_end.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

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

// The folder of the process with this number, if it has the other end of `socket`. Whatever is
// looked up in it later is of the same process, or not there.
FileDescriptor proven(pid_t number, int socket)
{
  const auto peer = other_end(socket);
  const std::string path = "/proc/" + std::to_string(number);
  FileDescriptor folder(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!peer || !folder.is_open() || !has_socket(folder.number(), *peer)) return {};
  return folder;
}

bool has_ended(const FileDescriptor& folder)
{
  return ::faccessat(folder.number(), "stat", F_OK, 0) != 0;
}

// What a descriptor of a process becomes when that ends.
bool is_readable(const FileDescriptor& process)
{
  pollfd wanted{process.number(), POLLIN, 0};
  return ::poll(&wanted, 1, 0) != 0;
}

} // namespace

int ask_for_peer(int socket)
{
  int number = -1;
  socklen_t size = sizeof(number);
  if (::getsockopt(socket, SOL_SOCKET, k_peer_descriptor, &number, &size) != 0) return -errno;
  return number;
}

PeerProcess::PeerProcess(int socket, pid_t number, AskForPeer ask)
{
  const int given = ask(socket);
  if (given >= 0) process_ = FileDescriptor(given);
  if (given == -ENOPROTOOPT) folder_ = proven(number, socket); // any other error: it has ended
}

PeerProcess::State PeerProcess::state() const
{
  if (folder_.is_open()) return {has_ended(folder_), std::nullopt};
  if (!process_.is_open()) return {true, std::nullopt};
  State state;
  ProcessInfo info;
  info.mask = k_cgroup_id;
  if (::ioctl(process_.number(), k_get_info, &info) != 0)
    state.ended = errno == ESRCH || is_readable(process_);
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

bool kernel_proves_peers(AskForPeer ask)
{
  std::array<int, 2> ends{-1, -1};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return false;
  const FileDescriptor ours(ends[0]);
  const FileDescriptor theirs(ends[1]); // ours as well
  return !PeerProcess(ours.number(), ::getpid(), ask).state().ended;
}

} // namespace purser
