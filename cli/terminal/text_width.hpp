#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// Text and the columns of a terminal that it takes. In a locale of ASCII each byte is one; in one
// of UTF-8 letters of the Far East take two, accents none, and what is no letter counts as one.
[[nodiscard]] std::size_t columns_of(std::string_view text);

// The longest beginning that takes at most `columns`.
[[nodiscard]] std::string clipped(std::string_view text, std::size_t columns);

// The same, and where something is left out three dots (or one sign, in UTF-8) at the end say so.
[[nodiscard]] std::string shortened(std::string_view text, std::size_t columns, bool utf8);

// In lines of at most `columns`, broken at blanks; a word that is longer is broken anywhere. The
// first line takes at most `first`, where that is another number.
[[nodiscard]] std::vector<std::string>
wrapped(std::string_view text, std::size_t columns, std::size_t first = 0);

// What a terminal without UTF-8 can show: other signs are `?`, one each.
[[nodiscard]] std::string ascii_only(std::string_view text);

} // namespace purser::cli
