#include "helper/managed_hosts.hpp"

#include "common/ecr_host.hpp"
#include "common/host_pattern.hpp"
#include "helper/descriptor.hpp"
#include "helper/environment.hpp"

#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>

namespace purser::helper {
namespace {

using Path = std::array<char, PATH_MAX>;

bool join(Path& path, std::string_view folder, std::string_view rest)
{
  if (folder.size() + rest.size() >= path.size()) return false;
  std::memcpy(path.data(), folder.data(), folder.size());
  std::memcpy(path.data() + folder.size(), rest.data(), rest.size());
  path[folder.size() + rest.size()] = '\0';
  return true;
}

// A relative XDG_STATE_HOME is to be ignored (XDG base directory specification).
bool index_path(Path& path)
{
  const std::string_view job = variable("PURSER_JOB");
  if (!job.empty()) return join(path, job, "/state/purser/managed-hosts");
  const std::string_view state = variable("XDG_STATE_HOME");
  if (state.starts_with('/')) return join(path, state, "/purser/managed-hosts");
  const std::string_view home = variable("HOME");
  return home.starts_with('/') && join(path, home, "/.local/state/purser/managed-hosts");
}

// The whole index; nothing where it cannot be read. One that does not exist is empty:
// no daemon of this user has ever had anything to answer for. That of a job with a daemon of
// its own (`purser run`) is gone where that has ended, and says nothing then.
std::optional<std::string_view> read_index(std::span<char> scratch)
{
  Path path; // NOLINT(cppcoreguidelines-pro-type-member-init): 4 KiB, written before it is read
  if (!index_path(path)) return std::nullopt;
  const Descriptor file(open(path.data(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.open())
    return (errno == ENOENT || errno == ENOTDIR) && variable("PURSER_JOB").empty()
               ? std::optional<std::string_view>("")
               : std::nullopt;

  struct stat status {};
  if (fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::size_t size = 0;
  while (size < scratch.size()) {
    const ssize_t got = read(file.get(), scratch.data() + size, scratch.size() - size);
    if (got == 0) return std::string_view(scratch.data(), size);
    if (got < 0 && errno != EINTR) return std::nullopt;
    if (got > 0) size += static_cast<std::size_t>(got);
  }
  return std::nullopt; // too large to be one
}

bool lists(std::string_view index, const RegistryKey& key)
{
  while (!index.empty()) {
    const std::size_t size = std::min(index.find('\n'), index.size());
    const std::string_view pattern(index.data(), size);
    index.remove_prefix(std::min(size + 1, index.size()));
    if (pattern.empty()) continue;
    if (pattern == key.text() || pattern_matches(pattern, key.registry(), key.repository()))
      return true;
  }
  return false;
}

bool is_private_ecr(const RegistryKey& key)
{
  const auto host = parse_ecr_host(key.host());
  return host.has_value() && host->kind == EcrHost::Kind::private_registry && key.port().empty();
}

} // namespace

Managed look_up(const RegistryKey& key, std::span<char> scratch)
{
  if (is_private_ecr(key)) return Managed::yes;
  const auto index = read_index(scratch);
  if (!index.has_value()) return Managed::unknown;
  return lists(*index, key) ? Managed::yes : Managed::no;
}

} // namespace purser::helper
