#include "daemon/providers/aws/keys/token_file.hpp"

#include "common/ascii.hpp"
#include "common/file_descriptor.hpp"
#include "common/wiping.hpp"
#include "daemon/providers/file_limit.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_token = std::size_t{64} << 10;

Error unusable(const std::string& path, const std::string& why)
{
  return Error{Errc::misconfigured, "the token file " + path + " " + why};
}

} // namespace

Result<Secret> read_token_file(const std::string& path)
{
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open())
    return unusable(path, "cannot be read: " + std::generic_category().message(errno));
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode))
    return unusable(path, "is no plain file");
  WipingBuffer bytes(k_max_token + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t n = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return unusable(path, "cannot be read: " + std::generic_category().message(errno));
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
  }
  if (size > k_max_token) return unusable(path, "is over 64 KiB: it holds no token");
  const auto token = trimmed({bytes.data(), size});
  if (token.empty()) return unusable(path, "is empty: whoever writes the token has not done so");
  if (token.find_first_of("\r\n") != std::string_view::npos)
    return unusable(path, "has several lines: it holds no token");
  return Secret(token);
}

boost::asio::awaitable<Result<Secret>>
read_token_file(WorkerPool& files, Clock& clock, std::string path)
{
  auto job = [path] { return read_token_file(path); };
  co_return co_await within_file_limit(clock, path, files.run<Secret>(std::move(job)));
}

} // namespace purser::aws
