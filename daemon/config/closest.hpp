#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

namespace purser {

// The word that somebody who typed `typed` most likely meant: fewest insertions,
// deletions, replacements and swaps of neighbours. Nothing where even the best is
// another word altogether, or needs more than `most` of these. Only the first 64 bytes of `typed`
// count.
[[nodiscard]] std::optional<std::string_view>
closest_word(std::string_view typed,
             std::span<const std::string_view> known,
             std::size_t most = std::string_view::npos);

} // namespace purser
