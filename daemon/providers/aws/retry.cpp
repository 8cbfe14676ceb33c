#include "daemon/providers/aws/retry.hpp"

#include <algorithm>

namespace purser::aws {

std::optional<Duration> retry_delay(const Error& error, int retries, double fraction)
{
  using namespace std::chrono_literals;
  constexpr Duration k_base = 50ms;
  constexpr Duration k_throttled_base = 1s;
  constexpr Duration k_longest = 5s; // the askers are gone after 8.5 s

  if (!is_temporary(error.code) || retries >= k_max_retries) return std::nullopt;
  const Duration base = error.code == Errc::throttled ? k_throttled_base : k_base;
  const auto drawn = std::chrono::duration_cast<Duration>(base * (1 << retries) * fraction);
  if (!error.retry_after) return drawn;
  if (*error.retry_after > k_longest) return std::nullopt;
  return std::max(drawn, *error.retry_after);
}

} // namespace purser::aws
