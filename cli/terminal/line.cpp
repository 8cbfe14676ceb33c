#include "cli/terminal/line.hpp"

#include "cli/terminal/text_width.hpp"

#include <algorithm>
#include <string_view>

namespace purser::cli {
namespace {

constexpr std::size_t k_least_room = 8; // for text beside what stands before it

// Of the sixteen colours that every terminal has and its user chose.
std::string_view code_of(Ink ink)
{
  switch (ink) {
  case Ink::plain: return "";
  case Ink::strong: return "\x1b[1m";
  case Ink::faint: return "\x1b[2m";
  case Ink::good: return "\x1b[32m";
  case Ink::note: return "\x1b[36m";
  case Ink::warning: return "\x1b[33m";
  case Ink::bad: return "\x1b[1;31m";
  }
  return "";
}

std::string without_end_blanks(std::string text)
{
  text.erase(text.find_last_not_of(' ') + 1);
  return text;
}

// Pieces beside each other, and below where they do not fit; at least one line.
std::vector<Line> heads(const Line& pieces, std::size_t columns)
{
  std::vector<Line> lines(1);
  for (const Piece& piece : pieces) {
    const std::size_t needed = columns_of(std::string_view(without_end_blanks(piece.text)));
    const std::size_t used = columns_of(lines.back());
    if (used != 0 && used + needed > columns) lines.emplace_back();
    lines.back().push_back(piece);
  }
  return lines;
}

} // namespace

std::string padded(std::string text, std::size_t columns)
{
  const std::size_t used = columns_of(std::string_view(text));
  if (used < columns) text.append(columns - used, ' ');
  return text;
}

std::size_t columns_of(const Line& line)
{
  std::size_t columns = 0;
  for (const Piece& piece : line)
    columns += columns_of(std::string_view(piece.text));
  return columns;
}

std::string rendered(const Line& line, const Look& look)
{
  std::string bytes;
  std::size_t left = look.terminal ? look.columns : std::string::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    std::string text = line[i].text;
    if (look.terminal && !look.utf8) text = ascii_only(text);
    if (look.terminal) text = clipped(text, left);
    if (i + 1 == line.size()) text = without_end_blanks(std::move(text));
    left -= look.terminal ? columns_of(std::string_view(text)) : 0;
    const std::string_view code = look.colour ? code_of(line[i].ink) : "";
    if (text.empty()) continue;
    bytes.append(code).append(text).append(code.empty() ? "" : "\x1b[0m");
  }
  return bytes;
}

std::vector<Line> folded(const Line& line, std::size_t indent, const Look& look)
{
  if (!look.terminal || columns_of(line) <= look.columns) return {line};
  auto lines = heads(Line(line.begin(), line.end() - 1), look.columns);
  const std::size_t left = std::min(indent, look.columns - 1);
  const std::size_t used = columns_of(lines.back());
  const bool beside = used == 0 || used + k_least_room <= look.columns;
  auto texts = wrapped(line.back().text, look.columns - left, beside ? look.columns - used : 0);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    if (i != 0 || !beside) lines.push_back({Piece(std::string(left, ' '))});
    lines.back().emplace_back(std::move(texts[i]), line.back().ink);
  }
  return lines;
}

void print_lines(const std::vector<Line>& lines, const Look& look, std::ostream& out)
{
  for (const Line& line : lines)
    out << rendered(line, look) << '\n';
}

} // namespace purser::cli
