#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <string_view>

namespace purser {

// Where the daemon listens, and where a helper looks for it. Both use this, so
// that they cannot disagree. Needs no library and no heap.
//
// In this order: PURSER_SOCKET; $XDG_RUNTIME_DIR/purser/agent.sock;
// /run/user/EUID/purser/agent.sock where /run/user/EUID is a folder of ours;
// $HOME/.cache/purser/run/agent.sock. Relative values of these variables are
// errors, never skipped: a fallback would talk to another daemon than the one
// that was meant.
struct SocketPath {
  // sun_path of sockaddr_un has 108 bytes, the last for the NUL.
  static constexpr std::size_t k_max_size = 107;

  enum class Problem { none, relative, too_long, no_home };

  std::array<char, k_max_size + 1> text{}; // NUL-terminated
  std::size_t size = 0;
  Problem problem = Problem::none;
  std::string_view variable; // which variable decided, or is at fault

  [[nodiscard]] std::string_view view() const { return {text.data(), size}; }
};

// What the search depends on; empty means unset.
struct SocketSearch {
  std::string_view purser_socket;
  std::string_view xdg_runtime_dir;
  std::string_view home;
  uid_t euid = 0;
  bool run_user_is_ours = false; // /run/user/EUID is a folder owned by euid
};

[[nodiscard]] SocketPath find_socket_path(const SocketSearch& search);

} // namespace purser
