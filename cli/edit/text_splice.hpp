#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::cli {

// One place of a text where `removed` gave way to `inserted`. What an edit leaves alone stands
// in none of its splices: they can be kept where the text itself must not be.
struct TextSplice {
  std::size_t at = 0; // bytes from the beginning
  std::string removed;
  std::string inserted;
};

// The text with the splice made.
[[nodiscard]] std::string spliced(std::string_view text, const TextSplice& splice);

// What the text was before the splices were made to it, in their order. Nothing unless each
// `inserted` lies where it was put: somebody has edited the text since.
[[nodiscard]] std::optional<std::string> unspliced(std::string_view text,
                                                   const std::vector<TextSplice>& splices);

} // namespace purser::cli
