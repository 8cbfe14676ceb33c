#pragma once

#include <cstdint>

namespace purser {

// Not known before a daemon runs: in the compiled filter this number stands in its place.
inline constexpr std::uint32_t k_own_pid = 0x7ead0001; // more than any pid

// An option of prctl() that no kernel has: "PURS".
inline constexpr std::uint32_t k_question = 0x50555253;

} // namespace purser
