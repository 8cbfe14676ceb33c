#pragma once

#include "daemon/time/clock.hpp"

#include <cstddef>
#include <optional>

namespace purser {

// When a value that dies is renewed, and how often that is tried. Pure: time and
// randomness are arguments. `u` is uniform in [0, 1).
//
// docs/decisions/0002-renewal.md says why these figures.

// The life of one value, drawn once when it is obtained.
struct Lifetime {
  BootTime sent_at;    // when it was asked for: the issuer's clock started later than that
  BootTime renew_at;   // due from here on
  BootTime expires_at; // as the issuer said, but at most 24 hours

  [[nodiscard]] constexpr Duration length() const { return expires_at - sent_at; }
  // Never handed out with less than this left.
  [[nodiscard]] constexpr Duration serve_floor() const
  {
    constexpr Duration most = std::chrono::seconds(30);
    return length() / 10 < most ? length() / 10 : most;
  }
  // Askers wait a little for the successor when less than this is left.
  [[nodiscard]] Duration hard_window() const;
};

// The life of a value that was asked for at `sent_at`. `life` is positive. `wanted` is how
// much of it those who ask want to be left at least: it is renewed before less is.
[[nodiscard]] Lifetime draw_lifetime(BootTime sent_at,
                                     Duration life,
                                     double u,
                                     std::optional<Duration> wanted = std::nullopt);

// How much of a life whoever asks is to be left at least, while the issuer is well: what is
// `wanted`, but no more than leaves time to obtain the next; where nothing is said, half of a
// life of an hour or more, since clients keep our answer as long as they run.
[[nodiscard]] Duration granted(const Lifetime& life, std::optional<Duration> wanted);

// How much of the time from `from` to `to` a value of that life was in each state.
struct StateTimes {
  Duration fresh{};
  Duration due{};
  Duration critical{};
  Duration expired{};

  StateTimes& operator+=(const StateTimes& other);
};
[[nodiscard]] StateTimes times_between(const Lifetime& life, BootTime from, BootTime to);

enum class Freshness {
  fresh,    // served
  due,      // served while its successor is fetched
  critical, // waits for the successor a little, then served
  expired,  // never served
};

[[nodiscard]] Freshness freshness(const Lifetime& life, BootTime now);
// When it becomes expired for us, which is a little before its issuer says so.
[[nodiscard]] BootTime dead_at(const Lifetime& life);

// How long `keys` values that are due together, since the process or the machine has just
// begun or slept, are put off: each by a draw of its own.
[[nodiscard]] Duration spread(std::size_t keys, double u);

// How long after its last use a value is still renewed in the background.
[[nodiscard]] Duration interest_window(Duration life);

// The wait after the `failures`-th failure in a row (from 0) that may pass by itself.
// `left` is what remains of the value that is held, zero or less where there is none.
// `retry_after` is what the other side asked for.
[[nodiscard]] Duration
back_off(unsigned failures, Duration left, std::optional<Duration> retry_after, double u);

// The wait after the `failures`-th failure in a row (from 0) that somebody has to mend.
[[nodiscard]] Duration negative_wait(unsigned failures, double u);

} // namespace purser
