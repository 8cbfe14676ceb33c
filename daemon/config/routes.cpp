#include "daemon/config/routes.hpp"

#include "common/ecr_host.hpp"
#include "common/host_pattern.hpp"
#include "daemon/config/pattern.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <string_view>
#include <utility>

namespace purser {
namespace {

struct Weight {
  std::size_t literal_labels = 0;
  std::size_t length = 0;

  auto operator<=>(const Weight&) const = default;
};

Weight weigh(std::string_view pattern)
{
  const auto host = pattern_host(pattern);
  const auto labels = std::count(host.begin(), host.end(), '.') + 1;
  const auto wild = std::count(host.begin(), host.end(), '*');
  const auto wild_anywhere = std::count(pattern.begin(), pattern.end(), '*');
  return {static_cast<std::size_t>(labels - wild),
          pattern.size() - static_cast<std::size_t>(wild_anywhere)};
}

bool claims(const Rule& rule, const RegistryKey& key)
{
  if (!pattern_matches(rule.match, key.registry(), key.repository())) return false;
  if (rule.provider == "ecr" && !rule.registry) return parse_ecr_host(key.host()).has_value();
  return true;
}

} // namespace

Routes::Routes(std::vector<Rule> rules) : rules_(std::move(rules))
{
  std::stable_sort(rules_.begin(), rules_.end(),
                   [](const Rule& a, const Rule& b) { return weigh(a.match) > weigh(b.match); });
}

const Rule* Routes::find(const RegistryKey& key) const
{
  if (key.opaque()) return nullptr;
  const auto found = std::find_if(rules_.begin(), rules_.end(),
                                  [&key](const Rule& rule) { return claims(rule, key); });
  return found == rules_.end() ? nullptr : &*found;
}

bool Routes::differ_by_repository(const RegistryKey& key) const
{
  return std::any_of(rules_.begin(), rules_.end(), [&key](const Rule& rule) {
    const std::string_view place = std::string_view(rule.match).substr(0, rule.match.find('/'));
    return place.size() < rule.match.size() && pattern_matches(place, key.registry(), {});
  });
}

} // namespace purser
