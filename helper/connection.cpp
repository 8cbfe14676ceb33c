#include "helper/connection.hpp"

#include "common/trusted_peer.hpp"
#include "helper/environment.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace purser::helper {
namespace {

constexpr std::string_view k_check_path = "check PURSER_SOCKET and XDG_RUNTIME_DIR";

bool run_user_is_ours(uid_t euid)
{
  constexpr std::string_view k_parent = "/run/user/";
  std::array<char, 32> path{}; // NUL-terminated: a uid has 10 digits
  std::copy(k_parent.begin(), k_parent.end(), path.begin());
  std::to_chars(path.data() + k_parent.size(), path.data() + path.size() - 1, euid);
  struct stat folder {};
  return lstat(path.data(), &folder) == 0 && S_ISDIR(folder.st_mode) && folder.st_uid == euid;
}

// Bounds the wait in connect() while the queue of the listener is full. An
// asynchronous connect() would fail with EAGAIN instead of waiting.
void limit_waiting(int socket, int milliseconds)
{
  const timeval limit{milliseconds / 1000, milliseconds % 1000 * 1000 + 1};
  setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

// As connect().
int connect_socket(int socket, const SocketPath& path)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.text.data(), path.size);
  return connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int connect_until(int socket, const SocketPath& path, const Deadline& deadline)
{
  while (!deadline.passed()) {
    limit_waiting(socket, deadline.milliseconds_left());
    if (connect_socket(socket, path) == 0) return 0;
    if (errno != EINTR && errno != EAGAIN) return errno;
  }
  return EAGAIN;
}

bool is_trusted(int socket)
{
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return is_trusted_peer(peer.uid, variable("PURSER_SOCKET_UID"), variable("PURSER_SOCKET"));
}

Connection failed(Connection::Reach reach, const Line& cause, std::string_view remedy)
{
  Connection connection;
  connection.reach = reach;
  connection.cause = cause;
  connection.remedy = remedy;
  return connection;
}

Connection not_connected(const SocketPath& path, int error)
{
  Line cause;
  if (error == EAGAIN) {
    cause << "purserd is too busy to accept a connection";
    return failed(Connection::Reach::timed_out, cause, "see `purser status`, or restart purserd");
  }
  if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR) {
    cause << "no purserd listens at ";
    cause.quote(path.view());
    return failed(Connection::Reach::absent, cause,
                  "run `systemctl --user start purser.socket`, or `purserd`");
  }
  cause << "cannot connect to purserd at ";
  cause.quote(path.view()) << ": " << strerror(error);
  return failed(Connection::Reach::refused, cause, k_check_path);
}

} // namespace

SocketPath daemon_socket_path()
{
  SocketSearch search;
  search.purser_socket = variable("PURSER_SOCKET");
  search.xdg_runtime_dir = variable("XDG_RUNTIME_DIR");
  search.home = variable("HOME");
  search.euid = geteuid();
  if (search.purser_socket.empty() && search.xdg_runtime_dir.empty())
    search.run_user_is_ours = run_user_is_ours(search.euid);
  return find_socket_path(search);
}

Connection connect_to(const SocketPath& path, const Deadline& deadline)
{
  Connection connection;
  connection.socket = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int error =
      connection.socket.open() ? connect_until(connection.socket.get(), path, deadline) : errno;
  if (error != 0) return not_connected(path, error);

  if (!is_trusted(connection.socket.get())) {
    Line cause;
    cause << "who listens at ";
    cause.quote(path.view()) << " is another user";
    return failed(Connection::Reach::refused, cause, k_check_path);
  }
  connection.reach = Connection::Reach::connected;
  return connection;
}

Connection connect_at_once(const SocketPath& path)
{
  Connection connection;
  connection.socket = Descriptor(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int number = connection.socket.get();
  if (connection.socket.open() && connect_socket(number, path) == 0 && is_trusted(number))
    connection.reach = Connection::Reach::connected;
  return connection;
}

} // namespace purser::helper
