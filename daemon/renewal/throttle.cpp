#include "daemon/renewal/throttle.hpp"

#include <algorithm>

namespace purser {

BootTime TokenBucket::next(BootTime now) const
{
  return std::max(now, full_at_ - (burst_ - 1) * interval_);
}

void TokenBucket::take(BootTime now)
{
  full_at_ = std::max(full_at_, now) + interval_;
}

std::optional<BootTime> Throttle::begin_background(const std::string& endpoint, BootTime now)
{
  if (endpoint.empty()) return std::nullopt;
  Load& load = loads_[endpoint];
  if (load.in_background >= k_max_background) return now + k_look_again;
  if (const BootTime next = load.background.next(now); next > now) return next;
  load.background.take(now);
  ++load.in_background;
  return std::nullopt;
}

void Throttle::end_background(const std::string& endpoint)
{
  const auto found = loads_.find(endpoint);
  if (found != loads_.end() && found->second.in_background > 0) --found->second.in_background;
}

std::optional<BootTime> Throttle::begin_foreground(const std::string& endpoint, BootTime now)
{
  if (endpoint.empty()) return now;
  Load& load = loads_[endpoint];
  const BootTime next = load.foreground.next(now);
  if (next - now > k_longest_wait) return std::nullopt;
  load.foreground.take(now);
  return next;
}

void Throttle::forget_idle(BootTime now)
{
  std::erase_if(loads_, [now](const auto& entry) {
    const Load& load = entry.second;
    return load.in_background == 0 && load.background.full(now) && load.foreground.full(now);
  });
}

} // namespace purser
