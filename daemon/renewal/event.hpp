#pragma once

#include "common/result.hpp"
#include "daemon/renewal/policy.hpp"

#include <cstdint>
#include <optional>

namespace purser {

// What happened in the life of one value, for a log.
struct RenewalEvent {
  enum class Kind {
    obtained,  // where nothing was held
    renewed,   // in the place of `before`
    unchanged, // the other side gave nothing newer than what is held
    failed,    // see `error`; what is held stays
    erased,    // `before`, because somebody said so
    expired,   // `before` is at its end and is forgotten
    evicted,   // `before` made room for another
  };

  explicit RenewalEvent(Kind k) : kind(k) {}

  Kind kind;
  std::optional<Lifetime> life;   // of what is held after it
  std::optional<Lifetime> before; // of what was held before it
  std::optional<Error> error;     // of `failed`
  bool same_cause = false;        // of `failed`: so did the one before, for a cause of its kind
  // The failures in a row that it adds to, or ends.
  std::optional<BootTime> failing_since;
  std::uint64_t failures = 0;
};

// Whether who has heard of the one learns nothing from the other: what may pass by itself is
// all of a kind.
[[nodiscard]] constexpr bool same_cause(Errc a, Errc b)
{
  return a == b || (is_temporary(a) && is_temporary(b));
}

} // namespace purser
