#pragma once

#include <cstddef>
#include <string_view>

namespace purser {

// The arena: OpenSSL's secure heap, where every Secret of this process lies from
// then on, and OpenSSL's own private keys. Locked into memory, left out of core
// files, between two pages that cannot be touched.
//
// 2 MiB of the 8 MiB that systemd lets a user's processes lock. It holds what is in
// use: what is merely kept is sealed and lies on the ordinary heap.
inline constexpr std::size_t k_arena_size = std::size_t{2} << 20;

enum class ArenaState {
  locked,
  unlocked, // may be swapped out or dumped: RLIMIT_MEMLOCK is too small, or a guard page failed
  absent,   // no memory for it: every Secret lies on the ordinary heap
};

// For status and the log.
[[nodiscard]] constexpr std::string_view to_string(ArenaState state)
{
  switch (state) {
  case ArenaState::locked: return "locked";
  case ArenaState::unlocked: return "unlocked";
  case ArenaState::absent: return "absent";
  }
  return "absent";
}

// Sets it up; at the beginning of main, before there are threads. Only the first call
// does anything, later ones tell its outcome. Everything but `locked` is a degraded
// state that a person should see; none is a reason not to run.
[[nodiscard]] ArenaState init_arena();

} // namespace purser
