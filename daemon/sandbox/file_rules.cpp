#include "daemon/sandbox/file_rules.hpp"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <system_error>

namespace purser {
namespace {

// landlock(7). Debian 12's header ends at version 2.
struct Handled {
  std::uint64_t files;
  std::uint64_t network;
  std::uint64_t scopes;
};

constexpr std::uint64_t k_truncate = 1ULL << 14U;
constexpr std::uint64_t k_ioctl_dev = 1ULL << 15U;
constexpr std::uint64_t k_bind_tcp = 1ULL << 0U;
constexpr std::uint64_t k_scope_signal = 1ULL << 1U;

constexpr std::uint64_t k_write = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |
                                  LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR |
                                  LANDLOCK_ACCESS_FS_MAKE_REG;
// Nobody does these, and no folder allows them.
constexpr std::uint64_t k_never = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                                  LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO |
                                  LANDLOCK_ACCESS_FS_MAKE_SYM;

std::uint64_t writing(int version)
{
  return k_write | (version >= 2 ? std::uint64_t{LANDLOCK_ACCESS_FS_REFER} : 0) |
         (version >= 3 ? k_truncate : 0);
}

Handled handled(int version)
{
  Handled all{writing(version) | k_never | LANDLOCK_ACCESS_FS_EXECUTE, 0, 0};
  if (version >= 4) all.network = k_bind_tcp;
  if (version >= 5) all.files |= k_ioctl_dev;
  if (version >= 6) all.scopes = k_scope_signal;
  return all;
}

// What kernels of that version know of it.
std::size_t size_of_handled(int version)
{
  return version < 4   ? offsetof(Handled, network)
         : version < 6 ? offsetof(Handled, scopes)
                       : sizeof(Handled);
}

Error failed(const std::string& step)
{
  return {Errc::internal, step + ": " + std::generic_category().message(errno)};
}

// Where the folder is not there, there is nothing to allow.
Result<> allow(int rules, const std::string& folder, std::uint64_t access)
{
  const FileDescriptor place(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!place.is_open()) return {};
  const landlock_path_beneath_attr rule{access, place.number()};
  if (::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
    return failed("no rule for " + folder);
  return {};
}

} // namespace

Result<FileRules> FileRules::make(const std::vector<std::string>& writable)
{
  const auto known =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (known < 1) return failed("the kernel has no Landlock, or it is switched off");
  const int version = static_cast<int>(known);
  const Handled all = handled(version);
  FileDescriptor rules(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &all, size_of_handled(version), 0)));
  if (!rules.is_open()) return failed("no Landlock rules");
  for (const auto& folder : writable)
    if (auto done = allow(rules.number(), folder, writing(version)); !done) return done.error();
  return FileRules(std::move(rules), version);
}

bool FileRules::follow() const
{
  return ::syscall(SYS_landlock_restrict_self, rules_.number(), 0) == 0;
}

} // namespace purser
