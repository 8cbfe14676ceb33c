#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace purser::cli {

// What to call both sides of a diff.
struct DiffNames {
  std::string before;
  std::string after;
};

// A unified diff for people: the fewest changed lines (Wagner and Fischer's algorithm on what
// is left between the common beginning and end; past a thousand lines all of that is shown as
// changed), with at most `context` lines around each change. Empty where nothing changed.
// Control characters are shown as `?`, tabs as they are, and line ends not at all, but for
// "\ No newline at end of file".
[[nodiscard]] std::string unified_diff(std::string_view before,
                                       std::string_view after,
                                       const DiffNames& names,
                                       std::size_t context = 3);

} // namespace purser::cli
