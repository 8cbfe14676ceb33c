#pragma once

#include <string>
#include <string_view>

namespace purser::cli {

// The text with control characters as `?`, so that a name which came from outside
// cannot command the terminal or be shown backwards. Bytes of UTF-8 stay, but for its control
// characters and those of the direction of writing.
[[nodiscard]] std::string printable(std::string_view text);

} // namespace purser::cli
