#include "helper/environment.hpp"

#include <unistd.h>

#include <cstring>

namespace purser::helper {
namespace {

char k_path[] = "PATH=/usr/local/bin:/usr/bin:/bin"; // execve() wants it writable

// Nothing where the entry is not NAME=VALUE.
std::string_view name_of(const char* entry)
{
  const char* equals = std::strchr(entry, '=');
  return equals == nullptr ? std::string_view{}
                           : std::string_view(entry, static_cast<std::size_t>(equals - entry));
}

bool is_for_daemon(std::string_view name)
{
  return name == "HOME" || name == "LANG" || name == "LC_ALL" ||
         name == "DBUS_SESSION_BUS_ADDRESS" || name.starts_with("XDG_") ||
         name.starts_with("PURSER_");
}

} // namespace

std::string_view variable(std::string_view name)
{
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (std::strncmp(*entry, name.data(), name.size()) == 0 && (*entry)[name.size()] == '=')
      return *entry + name.size() + 1;
  return {};
}

DaemonEnvironment::DaemonEnvironment()
{
  std::size_t count = 0;
  entries_[count++] = k_path;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    if (!is_for_daemon(name_of(*entry))) continue;
    if (count + 1 == entries_.size()) {
      complete_ = false;
      return;
    }
    entries_[count++] = *entry;
  }
}

} // namespace purser::helper
