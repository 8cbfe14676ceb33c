#pragma once

#include "daemon/cache/token_cache.hpp"
#include "daemon/time/clock.hpp"

#include <algorithm>
#include <optional>

namespace purser {

// How long a client that caches may keep an answer: half of what is left of it, in whole
// seconds. By then the token was renewed here, and asking again costs nothing. Nothing where
// the credential is not known to end.
[[nodiscard]] inline std::optional<std::chrono::seconds> keeping_time(const Handout& handout,
                                                                      BootTime now)
{
  if (!handout.expires_at) return std::nullopt;
  const Duration left = std::max(*handout.expires_at - now, Duration::zero());
  return std::chrono::floor<std::chrono::seconds>(left / 2);
}

} // namespace purser
