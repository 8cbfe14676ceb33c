#include "daemon/server/listening_socket.hpp"

#include "common/run_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace purser {
namespace {

Error failed(const char* what, const std::string& path)
{
  return {Errc::misconfigured, std::string("cannot ") + what + " " + path + ": " +
                                   std::generic_category().message(errno)};
}

// As strict as the helper is, but for where it is made.
Result<> check_folder(const std::string& path)
{
  const RunFolder run = open_run_folder(path, Makeable::allowed);
  if (run.problem.empty()) return {};
  return Error{Errc::misconfigured,
               "the folder " + std::string(run.path) + " " + std::string(run.problem)};
}

// The address of `path`, whose length was checked.
sockaddr_un address_of(const std::string& path)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Takes away the socket that a dead daemon left. Only a refused connection says that
// nobody listens: a busy daemon answers EAGAIN.
Result<> remove_stale(const std::string& path)
{
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0)
    return errno == ENOENT ? Result<>{} : failed("look at", path);
  if (!S_ISSOCK(status.st_mode) || status.st_uid != ::geteuid())
    return Error{Errc::misconfigured, path + " is in the way: it is no socket of ours"};
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return failed("make a socket for", path);
  const sockaddr_un address = address_of(path);
  const int outcome =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const int why = errno;
  ::close(probe);
  if (outcome == 0 || why != ECONNREFUSED)
    return Error{Errc::transient, "another daemon listens on " + path};
  if (::unlink(path.c_str()) != 0) return failed("remove the stale socket", path);
  return {};
}

Result<int> take_lock(const std::string& folder)
{
  const std::string path = folder + "/daemon.lock";
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (lock < 0) return failed("open", path);
  if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return lock;
  ::close(lock);
  return Error{Errc::transient, "another daemon is running; its lock is " + path};
}

Result<int> bound(const std::string& path)
{
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return failed("make a socket for", path);
  const sockaddr_un address = address_of(path);
  // The mode comes into being with the socket: no moment in which others could connect.
  const mode_t before = ::umask(0177);
  const int outcome = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  ::umask(before);
  if (outcome == 0 && ::listen(fd, ListeningSocket::k_backlog) == 0) return fd;
  const Error error = failed("listen on", path);
  ::close(fd);
  return error;
}

} // namespace

Result<ListeningSocket> ListeningSocket::make(const std::string& path)
{
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return Error{Errc::misconfigured, "the socket's path is longer than 107 bytes: " + path};
  if (auto checked = check_folder(path); !checked) return checked.error();
  const auto lock = take_lock(path.substr(0, path.rfind('/')));
  if (!lock) return lock.error();
  auto stale = remove_stale(path);
  const auto fd = stale ? bound(path) : Result<int>(stale.error());
  if (!fd) {
    ::close(*lock);
    return fd.error();
  }
  return ListeningSocket(path, *lock, *fd);
}

Result<ListeningSocket> ListeningSocket::inherited(const std::string& path, int lock, int listening)
{
  struct stat there {};
  sockaddr_un address{};
  socklen_t size = sizeof address;
  const bool same = ::lstat(path.c_str(), &there) == 0 && S_ISSOCK(there.st_mode) &&
                    ::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                    address.sun_family == AF_UNIX && path == address.sun_path &&
                    ::flock(lock, LOCK_EX | LOCK_NB) == 0;
  if (!same) return Error{Errc::misconfigured, path + " is not the socket that was handed on"};
  for (const int fd : {lock, listening})
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
  return ListeningSocket(path, lock, listening);
}

ListeningSocket::ListeningSocket(std::string path, int lock, int fd)
  : path_(std::move(path)), lock_(lock), fd_(fd)
{
  struct stat status {};
  if (::lstat(path_.c_str(), &status) != 0) return;
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

ListeningSocket::ListeningSocket(ListeningSocket&& other) noexcept
  : path_(std::move(other.path_))
  , lock_(std::exchange(other.lock_, -1))
  , fd_(std::exchange(other.fd_, -1))
  , device_(other.device_)
  , inode_(other.inode_)
{
}

ListeningSocket::~ListeningSocket()
{
  if (lock_ < 0) return;
  if (in_place()) ::unlink(path_.c_str());
  if (fd_ >= 0) ::close(fd_);
  ::close(lock_);
}

int ListeningSocket::release()
{
  return std::exchange(fd_, -1);
}

bool ListeningSocket::in_place() const
{
  struct stat status {};
  return ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
         status.st_ino == inode_;
}

} // namespace purser
