#include "helper/environment.hpp"

#include <unistd.h>

#include <cstring>

namespace purser::helper {
namespace {

char k_path[] = "PATH=/usr/local/bin:/usr/bin:/bin"; // execve() wants it writable

// The first NAME=VALUE of our caller, as getenv() takes it; null where it is unset.
char* entry_of(std::string_view name)
{
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (std::strncmp(*entry, name.data(), name.size()) == 0 && (*entry)[name.size()] == '=')
      return *entry;
  return nullptr;
}

} // namespace

std::string_view variable(std::string_view name)
{
  const char* const entry = entry_of(name);
  return entry == nullptr ? std::string_view{} : entry + name.size() + 1;
}

DaemonEnvironment::DaemonEnvironment()
{
  std::size_t count = 0;
  entries_[count++] = k_path;
  for (const std::string_view name : k_names)
    if (char* const entry = entry_of(name); entry != nullptr) entries_[count++] = entry;
}

} // namespace purser::helper
