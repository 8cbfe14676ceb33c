#include "cli/run/listening.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>

namespace purser::cli::jobs {
namespace {

constexpr int k_queue = 4096; // as purserd's own; the kernel takes what it allows

std::optional<sockaddr_un> address_of(const std::string& path)
{
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

const sockaddr* generic(const sockaddr_un& address)
{
  return reinterpret_cast<const sockaddr*>(&address);
}

} // namespace

Result<FileDescriptor> listen_at(const std::string& path, mode_t mode)
{
  const auto address = address_of(path);
  FileDescriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  // The mode comes into being with the file: that of the socket, less the umask.
  const mode_t before = ::umask(0);
  const bool bound = address && made.is_open() && ::fchmod(made.number(), mode) == 0 &&
                     ::bind(made.number(), generic(*address), sizeof *address) == 0;
  const int reason = errno;
  ::umask(before);
  if (bound && ::listen(made.number(), k_queue) == 0) return made;
  return Error(Errc::misconfigured,
               path + ": " + std::generic_category().message(bound ? errno : reason));
}

FileDescriptor connect_to(const std::string& path)
{
  const auto address = address_of(path);
  FileDescriptor made(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (address && made.is_open() &&
      ::connect(made.number(), generic(*address), sizeof *address) == 0)
    return made;
  return {};
}

} // namespace purser::cli::jobs
