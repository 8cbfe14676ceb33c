#pragma once

#include <cstddef>
#include <string>

namespace purser::cli {

// A bar of exactly `columns`, of which `share` (0 to 1) is full. In UTF-8 to an eighth of a column,
// else to a whole one. Only nothing looks empty, and only the whole looks full.
[[nodiscard]] std::string bar(double share, std::size_t columns, bool utf8);

} // namespace purser::cli
