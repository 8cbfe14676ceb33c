#pragma once

#include "cli/terminal/look.hpp"

#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace purser::cli {

// What a piece of text means, which decides its colour; the words say it as well.
enum class Ink { plain, strong, faint, good, note, warning, bad };

struct Piece {
  Piece(std::string t, Ink i = Ink::plain) : text(std::move(t)), ink(i) {}

  std::string text; // printable
  Ink ink;
};

// One line of a screen.
using Line = std::vector<Piece>;

// `text` with blanks behind it, so that it takes this many columns.
[[nodiscard]] std::string padded(std::string text, std::size_t columns);

[[nodiscard]] std::size_t columns_of(const Line& line);

// The line as bytes, without its end. On a terminal it is never wider than that: what does not fit
// is left out. Blanks at the end are.
[[nodiscard]] std::string rendered(const Line& line, const Look& look);

// The line, or where it is too wide several: its last piece goes on below, `indent` blanks from the
// left, so that nothing of it is missing. Where the pieces before it fill the width, all of it
// stands below them.
[[nodiscard]] std::vector<Line> folded(const Line& line, std::size_t indent, const Look& look);

// Each with its end.
void print_lines(const std::vector<Line>& lines, const Look& look, std::ostream& out);

} // namespace purser::cli
