#pragma once

#include <array>
#include <string_view>

namespace purser::helper {

// The value of a variable of our caller; empty where it is unset, and then without data().
[[nodiscard]] std::string_view variable(std::string_view name);

// What a daemon starts with: nothing of the job that happens to be first to need
// it, whose secrets would otherwise be every later job's, and in plain text in the
// environment of the daemon's processes for as long as they live. Hence names and
// no prefixes: users are told to put secrets into PURSER_ variables (docs/exec.md).
class DaemonEnvironment {
public:
  DaemonEnvironment();

  // For execve(). Points into our own environment.
  [[nodiscard]] char* const* entries() const { return entries_.data(); }

private:
  // What the daemon reads itself (docs/man/purserd.8), and what programs that it starts
  // need to find their files: the XDG base directory specification's.
  static constexpr std::array<std::string_view, 14> k_names{
      "HOME",           "LANG",           "LC_ALL",          "DBUS_SESSION_BUS_ADDRESS",
      "PURSER_SOCKET",  "PURSER_CONFIG",  "XDG_RUNTIME_DIR", "PURSER_AUDIT_JOURNAL",
      "XDG_STATE_HOME", "XDG_DATA_HOME",  "XDG_CONFIG_HOME", "XDG_CACHE_HOME",
      "XDG_DATA_DIRS",  "XDG_CONFIG_DIRS"};

  std::array<char*, k_names.size() + 2> entries_{}; // PATH, and the end
};

} // namespace purser::helper
