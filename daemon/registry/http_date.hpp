#pragma once

#include "daemon/time/clock.hpp"

#include <optional>
#include <string_view>

namespace purser {

// `Sun, 06 Nov 1994 08:49:37 GMT`: the one form of a date that servers may send
// (RFC 9110, 5.6.7). Nothing for another one.
[[nodiscard]] std::optional<WallTime> parse_http_date(std::string_view text);

// How long `Retry-After` (RFC 9110, 10.2.3) asks to wait from `now`: seconds or a date.
// From 1 s to 1 h, whatever it says; nothing where it is neither.
[[nodiscard]] std::optional<Duration> parse_retry_after(std::string_view text, WallTime now);

} // namespace purser
