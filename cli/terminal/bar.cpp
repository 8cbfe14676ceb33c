#include "cli/terminal/bar.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace purser::cli {
namespace {

// None to seven eighths of a block.
constexpr std::array<std::string_view, 8> k_eighths{"",       "\u258f", "\u258e", "\u258d",
                                                    "\u258c", "\u258b", "\u258a", "\u2589"};
constexpr std::string_view k_block = "\u2588";
constexpr std::string_view k_shade = "\u2591";

// Of `parts`, as many as the share comes to.
std::size_t full_parts(double share, std::size_t parts)
{
  if (!(share > 0) || parts == 0) return 0;
  if (share >= 1) return parts;
  const auto full = static_cast<std::size_t>(std::lround(share * static_cast<double>(parts)));
  return std::clamp(full, std::size_t{1}, std::max(parts - 1, std::size_t{1}));
}

} // namespace

std::string bar(double share, std::size_t columns, bool utf8)
{
  if (!utf8) {
    const std::size_t full = full_parts(share, columns);
    return std::string(full, '#') + std::string(columns - full, '.');
  }
  const std::size_t full = full_parts(share, columns * k_eighths.size());
  const std::size_t whole = full / k_eighths.size();
  const std::string_view part = k_eighths.at(full % k_eighths.size());
  std::string text;
  for (std::size_t i = 0; i < whole; ++i)
    text += k_block;
  text += part;
  for (std::size_t i = whole + (part.empty() ? 0 : 1); i < columns; ++i)
    text += k_shade;
  return text;
}

} // namespace purser::cli
