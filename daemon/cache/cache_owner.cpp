#include "daemon/cache/cache_owner.hpp"

#include "common/ascii.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace purser {
namespace {

constexpr std::size_t k_max_id = 256;

// Empty where it cannot be read.
std::string first_bytes(const char* path)
{
  std::ifstream file(path, std::ios::binary);
  std::string text(k_max_id, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  return std::string(trimmed(text));
}

} // namespace

CacheOwner this_owner()
{
  CacheOwner owner;
  owner.uid = ::geteuid();
  owner.machine = first_bytes("/etc/machine-id");
  if (owner.machine == "uninitialized") owner.machine.clear(); // machine-id(5): the first boot
  struct stat time_namespace {};
  owner.boot = first_bytes("/proc/sys/kernel/random/boot_id");
  if (::stat("/proc/self/ns/time", &time_namespace) == 0) // else the kernel has none
    owner.boot += " " + std::to_string(time_namespace.st_ino);
  return owner;
}

} // namespace purser
