#pragma once

#include <string>

namespace purser {

// "12 s", "4 m 50 s", "11 h 59 m", "3 d 4 h"; "-" for a negative number.
[[nodiscard]] std::string duration_text(long long seconds);

} // namespace purser
