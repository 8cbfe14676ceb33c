#include "daemon/server/service_manager.hpp"

#include "common/file_descriptor.hpp"
#include "daemon/cache/cache_memory.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

namespace purser {
namespace {

constexpr int k_first_descriptor = 3; // SD_LISTEN_FDS_START
constexpr long k_most_descriptors = 2;
constexpr std::string_view k_cache_name = "cache";
constexpr int k_barrier_limit_ms = 2000;

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

// At least one, empty where nothing is said.
std::vector<std::string_view> split_names(std::string_view names)
{
  std::vector<std::string_view> found;
  for (;;) {
    const auto end = names.find(':');
    found.push_back(names.substr(0, end));
    if (end == std::string_view::npos) return found;
    names.remove_prefix(end + 1);
  }
}

Error not_ours()
{
  return {Errc::misconfigured, "the service manager passed something else than one socket and the "
                               "cache of our predecessor; see purser.socket"};
}

Error wrong_kind(bool is_cache)
{
  if (is_cache)
    return {Errc::misconfigured,
            "what the service manager passed as \"cache\" is no memory of ours"};
  return {Errc::misconfigured, "what the service manager passed is no listening Unix stream "
                               "socket; see purser.socket"};
}

Error not_kept()
{
  return with_remedy({Errc::transient, "the service manager does not take the cache; see "
                                       "FileDescriptorStoreMax in purser.service"});
}

} // namespace

ServiceManager ServiceManager::from_environment()
{
  ServiceManager manager;
  const auto pid = number(taken("LISTEN_PID"));
  const std::string count = taken("LISTEN_FDS");
  std::string names = taken("LISTEN_FDNAMES");
  if (pid && *pid == ::getpid()) {
    manager.descriptors_ = number(count).value_or(-1);
    manager.names_ = std::move(names);
  }
  manager.notify_path_ = taken("NOTIFY_SOCKET");
  const auto watchdog_pid = number(taken("WATCHDOG_PID"));
  const auto watchdog = number(taken("WATCHDOG_USEC"));
  if (watchdog && *watchdog > 0 && (!watchdog_pid || *watchdog_pid == ::getpid()))
    manager.watchdog_ = std::chrono::microseconds(*watchdog) / 2;
  return manager;
}

Result<PassedDescriptors> ServiceManager::passed() const
{
  PassedDescriptors passed;
  if (!descriptors_ || *descriptors_ == 0) return passed;
  const auto names = split_names(names_);
  const bool named = !names_.empty();
  if (*descriptors_ < 0 || *descriptors_ > k_most_descriptors ||
      (named && static_cast<long>(names.size()) != *descriptors_))
    return not_ours();
  for (int i = 0; i < *descriptors_; ++i) {
    const int fd = k_first_descriptor + i;
    const bool is_cache = named && names[static_cast<std::size_t>(i)] == k_cache_name;
    auto& place = is_cache ? passed.cache : passed.socket;
    if (place) return not_ours();
    if (is_cache ? !CacheMemory::is_one(fd) : !is_listening_unix_socket(fd))
      return wrong_kind(is_cache);
    ::fcntl(fd, F_SETFD, FD_CLOEXEC);
    place = fd;
  }
  return passed;
}

Result<> ServiceManager::keep(int descriptor) const
{
  if (!send("FDSTORE=1\nFDNAME=cache", descriptor)) return not_kept();
  // The manager closes what comes with a barrier once it has seen all that came before.
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return not_kept();
  const FileDescriptor ours(ends[0]);
  FileDescriptor its(ends[1]);
  if (!send("BARRIER=1", its.number())) return not_kept();
  its = FileDescriptor();
  pollfd closed{ours.number(), 0, 0};
  return ::poll(&closed, 1, k_barrier_limit_ms) == 1 ? Result<>() : not_kept();
}

std::vector<std::string> ServiceManager::passed_on(const std::vector<std::string>& names) const
{
  const std::string pid = std::to_string(::getpid());
  std::vector<std::string> entries;
  if (!names.empty()) {
    std::string joined;
    for (const auto& name : names)
      joined += (joined.empty() ? "" : ":") + name;
    entries = {"LISTEN_PID=" + pid, "LISTEN_FDS=" + std::to_string(names.size()),
               "LISTEN_FDNAMES=" + joined};
  }
  if (!notify_path_.empty()) entries.push_back("NOTIFY_SOCKET=" + notify_path_);
  if (watchdog_) {
    const auto whole = std::chrono::duration_cast<std::chrono::microseconds>(*watchdog_ * 2);
    entries.push_back("WATCHDOG_USEC=" + std::to_string(whole.count()));
    entries.push_back("WATCHDOG_PID=" + pid);
  }
  return entries;
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
  (void)send(state, std::nullopt);
}

bool ServiceManager::send(std::string_view state, std::optional<int> descriptor) const
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (notify_path_.empty() || notify_path_.size() >= sizeof(address.sun_path)) return false;
  std::memcpy(address.sun_path, notify_path_.data(), notify_path_.size());
  if (notify_path_.front() == '@') address.sun_path[0] = '\0';
  const FileDescriptor from(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!from.is_open()) return false;

  std::string text(state);
  iovec part{text.data(), text.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> beside{};
  msghdr message{};
  message.msg_name = &address;
  message.msg_namelen =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + notify_path_.size());
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (descriptor) {
    message.msg_control = beside.data();
    message.msg_controllen = beside.size();
    cmsghdr* const head = CMSG_FIRSTHDR(&message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(head), &*descriptor, sizeof(int));
  }
  return ::sendmsg(from.number(), &message, MSG_NOSIGNAL) >= 0;
}

} // namespace purser
