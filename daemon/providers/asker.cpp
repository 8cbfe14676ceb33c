#include "daemon/providers/asker.hpp"

#include "common/ascii.hpp"

#include <algorithm>

namespace purser {
namespace {

constexpr std::string_view k_blanks = " \t\r\n\v\f";

bool by_name(const std::pair<std::string_view, std::string_view>& a,
             const std::pair<std::string_view, std::string_view>& b)
{
  return a.first < b.first;
}

} // namespace

Environment::Environment(std::string_view entries) : bytes_(entries.begin(), entries.end())
{
  for (std::string_view rest(bytes_.data(), bytes_.size()); !rest.empty();) {
    const std::string_view entry = rest.substr(0, rest.find('\0'));
    rest.remove_prefix(std::min(rest.size(), entry.size() + 1));
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    variables_.emplace_back(entry.substr(0, equals), trimmed(entry.substr(equals + 1), k_blanks));
  }
  // Stable, so that get() finds the first of two equal names.
  std::stable_sort(variables_.begin(), variables_.end(), by_name);
}

bool Environment::is_set(std::string_view name) const
{
  return std::binary_search(variables_.begin(), variables_.end(),
                            std::pair{name, std::string_view{}}, by_name);
}

std::optional<std::string_view> Environment::get(std::string_view name) const
{
  const auto found = std::lower_bound(variables_.begin(), variables_.end(),
                                      std::pair{name, std::string_view{}}, by_name);
  if (found == variables_.end() || found->first != name || found->second.empty())
    return std::nullopt;
  return found->second;
}

} // namespace purser
