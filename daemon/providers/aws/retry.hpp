#pragma once

#include "common/result.hpp"
#include "daemon/time/clock.hpp"

#include <optional>

namespace purser::aws {

inline constexpr int k_max_retries = 2;

// How long to wait before trying again, `retries` having been made; nothing where that is
// of no use now: the failure stays, or AWS asks for a longer wait than a caller has.
// `fraction` is random, from 0 to 1.
//
// Source: the "standard" retry mode of the AWS SDKs, with its numbers of 2026.
[[nodiscard]] std::optional<Duration> retry_delay(const Error& error, int retries, double fraction);

} // namespace purser::aws
