#include "daemon/config/closest.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace purser {
namespace {

constexpr std::size_t k_longest = 64;
using Row = std::array<std::size_t, k_longest + 1>;

// Damerau's distance, restricted to neighbours; three rows of the table are enough.
std::size_t distance(std::string_view a, std::string_view b)
{
  Row before_last{};
  Row last{};
  Row current{};
  for (std::size_t j = 0; j <= b.size(); ++j)
    last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = current;
  }
  return last[b.size()];
}

} // namespace

std::optional<std::string_view>
closest_word(std::string_view typed, std::span<const std::string_view> known, std::size_t most)
{
  const auto word = typed.substr(0, k_longest);
  std::optional<std::string_view> best;
  std::size_t best_distance = std::min(most, std::max<std::size_t>(2, word.size() / 2)) + 1;
  for (const auto candidate : known) {
    const auto d = distance(word, candidate.substr(0, k_longest));
    if (d >= best_distance || d >= candidate.size()) continue;
    best = candidate;
    best_distance = d;
  }
  return best;
}

} // namespace purser
