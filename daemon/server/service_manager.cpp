#include "daemon/server/service_manager.hpp"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace purser {
namespace {

constexpr int k_first_socket = 3; // SD_LISTEN_FDS_START

// The value of the variable, which is removed.
std::string taken(const char* name)
{
  const char* value = std::getenv(name);
  std::string text = value == nullptr ? "" : value;
  ::unsetenv(name);
  return text;
}

std::optional<long> number(std::string_view text)
{
  long value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool is_listening_unix_socket(int fd)
{
  struct stat status {};
  int listening = 0;
  int domain = 0;
  int type = 0;
  socklen_t size = sizeof(int);
  return ::fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode) &&
         ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_UNIX &&
         ::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM &&
         ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) == 0 && listening == 1;
}

} // namespace

ServiceManager ServiceManager::from_environment()
{
  ServiceManager manager;
  const auto pid = number(taken("LISTEN_PID"));
  const std::string sockets = taken("LISTEN_FDS");
  taken("LISTEN_FDNAMES");
  if (pid && *pid == ::getpid()) manager.sockets_ = number(sockets).value_or(-1);
  manager.notify_path_ = taken("NOTIFY_SOCKET");
  const auto watchdog_pid = number(taken("WATCHDOG_PID"));
  const auto watchdog = number(taken("WATCHDOG_USEC"));
  if (watchdog && *watchdog > 0 && (!watchdog_pid || *watchdog_pid == ::getpid()))
    manager.watchdog_ = std::chrono::microseconds(*watchdog) / 2;
  return manager;
}

Result<std::optional<int>> ServiceManager::listening_socket() const
{
  if (!sockets_ || *sockets_ == 0) return std::optional<int>();
  if (*sockets_ != 1)
    return Error{Errc::misconfigured,
                 "the service manager passed something else than one socket; see purser.socket"};
  if (!is_listening_unix_socket(k_first_socket))
    return Error{
        Errc::misconfigured,
        "what the service manager passed is no listening Unix stream socket; see purser.socket"};
  ::fcntl(k_first_socket, F_SETFD, FD_CLOEXEC);
  return std::optional<int>(k_first_socket);
}

void ServiceManager::reloading() const
{
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const auto microseconds = static_cast<long long>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  notify("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds));
}

// Losing a notification costs a time-out of the service manager at worst, so there is
// nobody to tell.
void ServiceManager::notify(std::string_view state) const
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (notify_path_.empty() || notify_path_.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, notify_path_.data(), notify_path_.size());
  if (notify_path_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_path_.size());
  const int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return;
  [[maybe_unused]] const auto sent = ::sendto(fd, state.data(), state.size(), MSG_NOSIGNAL,
                                              reinterpret_cast<const sockaddr*>(&address), size);
  ::close(fd);
}

} // namespace purser
