#pragma once

#include "common/result.hpp"
#include "daemon/time/clock.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace purser {

// What with_timeout() says, which knows nothing of what it waits for.
inline constexpr std::string_view k_gave_up = "gave up waiting";

// Says of a limit that passed whom it was about, and how long it was; any other error stays as it
// is, also a limit of somebody who knew. `who` may be empty, where nobody knows.
[[nodiscard]] inline Error said_of(const std::string& who, Duration limit, const Error& error)
{
  if (error.code != Errc::timeout || error.what != k_gave_up) return error;
  const auto tenths = std::chrono::round<std::chrono::milliseconds>(limit).count() / 100;
  std::string what = who.empty() ? "no answer" : "no answer of " + who;
  what += " within " + std::to_string(tenths / 10);
  if (tenths % 10 != 0) what += "." + std::to_string(tenths % 10);
  return Error{Errc::timeout, what + " s"};
}

} // namespace purser
