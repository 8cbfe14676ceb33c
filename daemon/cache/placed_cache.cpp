#include "daemon/cache/placed_cache.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_margin = 60s;  // of life that must be left by the civil clock
constexpr Duration k_future = 5min; // two clocks that were set may differ by so much
constexpr Duration k_longest = 24h; // nothing that we hold lives longer

// How much later everything is on this boot's clock, for what ends at `expires_at` on that one's;
// nothing where too little is left.
std::optional<Duration> shift(BootTime expires_at, const SavedCache& saved, const Moment& now)
{
  const Duration left_then = expires_at - saved.saved.boot;
  const Duration gone = std::max(now.wall - saved.saved.wall, Duration::zero());
  const Duration left = left_then - gone;
  if (left <= k_margin) return std::nullopt;
  return now.boot + left - expires_at;
}

KeptCache moved(SavedCache saved, const Moment& now)
{
  KeptCache kept;
  for (auto& token : saved.kept.tokens) {
    const auto by = shift(token.life.expires_at, saved, now);
    if (!by) continue;
    token.life.sent_at += *by;
    token.life.renew_at += *by;
    token.life.expires_at += *by;
    token.last_used += *by;
    kept.tokens.push_back(std::move(token));
  }
  for (auto& held : saved.kept.overrides) {
    const auto by = shift(held.expires_at, saved, now);
    if (!by) continue;
    held.expires_at += *by;
    kept.overrides.push_back(std::move(held));
  }
  return kept;
}

} // namespace

Result<KeptCache> placed(SavedCache saved, const Moment& now)
{
  const bool one_clock = saved.same_boot && saved.saved.boot <= now.boot;
  if (!one_clock && saved.saved.wall > now.wall + k_future)
    return Error{Errc::misconfigured, "was saved in the future: the clock was set back"};
  KeptCache kept = one_clock ? std::move(saved.kept) : moved(std::move(saved), now);
  const auto dead = [&now](BootTime expires_at) {
    return expires_at <= now.boot || expires_at - now.boot > k_longest;
  };
  std::erase_if(kept.tokens, [&](const KeptToken& token) { return dead(token.life.expires_at); });
  std::erase_if(kept.overrides, [&](const KeptOverride& held) { return dead(held.expires_at); });
  std::stable_sort(
      kept.tokens.begin(), kept.tokens.end(),
      [](const KeptToken& a, const KeptToken& b) { return a.last_used < b.last_used; });
  return kept;
}

} // namespace purser
