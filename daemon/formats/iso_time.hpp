#pragma once

#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace purser {

// `2026-08-20T16:00:00Z`, also with a fraction of a second, which is left out, and with
// `+00:00` or `UTC` for the zone: what AWS's services and tools write (RFC 3339). Nothing for
// another text, another zone, or a year before 1970 or after 2199.
[[nodiscard]] std::optional<WallTime> parse_iso_time(std::string_view text);

// `2026-08-20T16:00:00Z`, as the aws command writes it.
[[nodiscard]] std::string iso_text(WallTime time);

} // namespace purser
