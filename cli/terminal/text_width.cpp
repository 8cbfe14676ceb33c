#include "cli/terminal/text_width.hpp"

#include <wchar.h>

#include <cstdint>

namespace purser::cli {
namespace {

struct Letter {
  std::size_t bytes;
  std::size_t columns;
};

std::size_t bytes_of(unsigned char first)
{
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

// Of text that is not empty. What is no UTF-8 is a letter of one byte.
Letter first_letter(std::string_view text)
{
  const auto first = static_cast<unsigned char>(text.front());
  const std::size_t bytes = bytes_of(first);
  if (first < 0xc0 || bytes > text.size()) return {1, 1};
  std::uint32_t point = first & (0xffU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0U) != 0x80U) return {1, 1};
    point = point << 6U | (byte & 0x3fU);
  }
  const int width = ::wcwidth(static_cast<wchar_t>(point));
  return {bytes, width < 0 ? 1U : static_cast<std::size_t>(width)};
}

std::size_t bytes_within(std::string_view text, std::size_t columns)
{
  std::size_t bytes = 0;
  for (std::size_t used = 0; bytes < text.size();) {
    const Letter letter = first_letter(text.substr(bytes));
    used += letter.columns;
    if (used > columns) break;
    bytes += letter.bytes;
  }
  return bytes;
}

// How much of `text` stands in its first line.
std::size_t line_end(std::string_view text, std::size_t columns)
{
  const std::size_t fits = bytes_within(text, columns);
  if (fits == text.size() || text[fits] == ' ') return fits;
  const auto blank = text.substr(0, fits).rfind(' ');
  if (blank != std::string_view::npos && blank != 0) return blank;
  return fits != 0 ? fits : first_letter(text).bytes;
}

} // namespace

std::size_t columns_of(std::string_view text)
{
  std::size_t columns = 0;
  while (!text.empty()) {
    const Letter letter = first_letter(text);
    columns += letter.columns;
    text.remove_prefix(letter.bytes);
  }
  return columns;
}

std::string clipped(std::string_view text, std::size_t columns)
{
  return std::string(text.substr(0, bytes_within(text, columns)));
}

std::string shortened(std::string_view text, std::size_t columns, bool utf8)
{
  if (columns_of(text) <= columns) return std::string(text);
  const std::string_view dots = utf8 ? "\u2026" : "...";
  const std::size_t room = utf8 ? 1 : 3;
  if (columns <= room) return clipped(text, columns);
  return clipped(text, columns - room).append(dots);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t columns, std::size_t first)
{
  std::vector<std::string> lines;
  while (!text.empty()) {
    const bool other = lines.empty() && first != 0;
    const std::size_t end = line_end(text, other ? first : columns);
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
    while (text.starts_with(' '))
      text.remove_prefix(1);
  }
  return lines;
}

std::string ascii_only(std::string_view text)
{
  std::string shown;
  while (!text.empty()) {
    const std::size_t bytes = first_letter(text).bytes;
    shown += static_cast<unsigned char>(text.front()) < 0x80 ? text.front() : '?';
    text.remove_prefix(bytes);
  }
  return shown;
}

} // namespace purser::cli
