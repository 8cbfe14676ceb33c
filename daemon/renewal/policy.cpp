#include "daemon/renewal/policy.hpp"

#include <algorithm>

namespace purser {
namespace {

using namespace std::chrono_literals;

constexpr Duration k_longest_life = 24h;
constexpr Duration k_shortest_back_off = 250ms;

Duration scaled(Duration d, double factor)
{
  return std::chrono::duration_cast<Duration>(
      std::chrono::duration<double, std::nano>(static_cast<double>(d.count()) * factor));
}

// first * 2^n without overflow, at most `cap`.
Duration doubled(Duration first, unsigned n, Duration cap)
{
  auto d = first;
  for (unsigned i = 0; i < n && d < cap; ++i)
    d *= 2;
  return std::min(d, cap);
}

} // namespace

Duration Lifetime::hard_window() const
{
  const Duration wanted = std::clamp<Duration>(length() / 10, 15s, 15min);
  return std::min(wanted, length() / 4);
}

Lifetime draw_lifetime(BootTime sent_at, Duration life, double u, std::optional<Duration> wanted)
{
  const Duration length = std::min(life, k_longest_life);
  const double fraction = length >= 1h ? 0.40 + 0.10 * u : 0.50 + 0.15 * u;
  Lifetime drawn{sent_at, sent_at + scaled(length, fraction), sent_at + length};
  drawn.renew_at = std::min(drawn.renew_at, drawn.expires_at - drawn.hard_window());
  if (wanted) {
    const Duration before = length - granted(drawn, wanted);
    drawn.renew_at = std::min(drawn.renew_at, sent_at + scaled(before, 0.8 + 0.2 * u));
  }
  return drawn;
}

Duration granted(const Lifetime& life, std::optional<Duration> wanted)
{
  if (wanted) return std::min(*wanted, life.length() / 4 * 3);
  return life.length() >= 1h ? life.length() / 2 : Duration::zero();
}

StateTimes& StateTimes::operator+=(const StateTimes& other)
{
  fresh += other.fresh;
  due += other.due;
  critical += other.critical;
  expired += other.expired;
  return *this;
}

StateTimes times_between(const Lifetime& life, BootTime from, BootTime to)
{
  const auto common = [from, to](BootTime begin, BootTime end) {
    return std::max<Duration>(std::min(to, end) - std::max(from, begin), Duration::zero());
  };
  const BootTime critical_at = life.expires_at - life.hard_window();
  const BootTime dead = dead_at(life);
  StateTimes times;
  times.fresh = common(life.sent_at, std::min(life.renew_at, critical_at));
  times.due = common(life.renew_at, critical_at);
  times.critical = common(critical_at, dead);
  times.expired = common(dead, BootTime::max());
  return times;
}

Duration spread(std::size_t keys, double u)
{
  const auto each = static_cast<Duration::rep>(keys) * Duration(250ms);
  return scaled(std::min<Duration>(each, 30s), u);
}

Freshness freshness(const Lifetime& life, BootTime now)
{
  if (now >= dead_at(life)) return Freshness::expired;
  if (now >= life.expires_at - life.hard_window()) return Freshness::critical;
  return now < life.renew_at ? Freshness::fresh : Freshness::due;
}

BootTime dead_at(const Lifetime& life)
{
  return life.expires_at - life.serve_floor();
}

Duration interest_window(Duration life)
{
  return std::clamp<Duration>(2 * std::min(life, k_longest_life), 2min, 24h);
}

Duration back_off(unsigned failures, Duration left, std::optional<Duration> retry_after, double u)
{
  const Duration cap = left > 0s ? std::clamp<Duration>(left / 8, 5s, 300s) : Duration(60s);
  const Duration wait = scaled(doubled(1s, failures, cap), 0.5 + 0.5 * u);
  if (!retry_after) return std::max(wait, k_shortest_back_off);
  return std::max(wait, std::clamp<Duration>(*retry_after, 1s, 1h));
}

Duration negative_wait(unsigned failures, double u)
{
  const Duration first = scaled(1s, 1.0 + 4.0 * u);
  return doubled(first, failures, 60s);
}

} // namespace purser
