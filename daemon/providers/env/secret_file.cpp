#include "daemon/providers/env/secret_file.hpp"

#include "common/ascii.hpp"
#include "common/file_descriptor.hpp"
#include "common/wiping.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace purser {
namespace {

constexpr std::size_t k_max_secret = std::size_t{64} << 10;

Error unusable(const std::string& path, const std::string& why)
{
  return with_remedy({Errc::misconfigured, "the secret file " + path + " " + why});
}

Error unreadable(const std::string& path)
{
  return unusable(path, "cannot be read (" + std::generic_category().message(errno) +
                            "): let its reader be the user of purserd");
}

Result<> check(int fd, const std::string& path)
{
  struct stat status = {};
  if (::fstat(fd, &status) != 0) return unreadable(path);
  if (!S_ISREG(status.st_mode)) return unusable(path, "is no plain file: name one");
  if (status.st_uid != ::geteuid() && status.st_uid != 0)
    return unusable(path, "belongs to another user: chown it");
  if ((status.st_mode & (S_IWGRP | S_IRWXO)) != 0)
    return unusable(path, "can be read or written by others: run: chmod g-w,o-rwx " + path);
  return {};
}

} // namespace

Result<std::optional<Secret>> read_secret_file(const std::string& path)
{
  // O_NONBLOCK: a FIFO in its place must not hold us.
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file.is_open()) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<Secret>();
    return unreadable(path);
  }
  if (const auto good = check(file.number(), path); !good) return good.error();
  WipingBuffer bytes(k_max_secret + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t n = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unreadable(path);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > k_max_secret) return unusable(path, "is over 64 KiB: it holds no password");
  const auto secret = trimmed({bytes.data(), size}, "\r\n");
  if (secret.empty()) return std::optional<Secret>();
  if (secret.find_first_of("\r\n") != std::string_view::npos)
    return unusable(path, "has several lines: it holds no password");
  return std::optional(Secret(secret));
}

} // namespace purser
