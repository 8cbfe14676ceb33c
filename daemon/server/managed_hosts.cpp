#include "daemon/server/managed_hosts.hpp"

#include <set>

namespace purser {

std::string managed_hosts(const std::vector<Rule>& rules, const std::vector<StoredName>& stored)
{
  std::set<std::string> patterns;
  for (const Rule& rule : rules)
    if (!rule.anonymous) patterns.insert(rule.match);
  for (const StoredName& name : stored)
    patterns.insert(name.key);
  std::string lines;
  for (const std::string& pattern : patterns)
    lines += pattern + '\n';
  return lines;
}

} // namespace purser
