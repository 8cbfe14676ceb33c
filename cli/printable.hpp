#pragma once

#include <string>
#include <string_view>

namespace purser::cli {

// The text with control characters as `?`, so that a name which came from outside
// cannot command the terminal. Bytes of UTF-8 stay, but for its control characters.
[[nodiscard]] std::string printable(std::string_view text);

// "12 s", "4 m 50 s", "11 h 59 m", "3 d 4 h"; "-" for a negative number.
[[nodiscard]] std::string duration_text(long long seconds);

} // namespace purser::cli
