#pragma once

#include "common/registry_key.hpp"
#include "daemon/config/rule.hpp"

#include <vector>

namespace purser {

// Which rule of the configuration answers for a registry.
//
// Of the rules whose pattern claims the key, the one with the most literal labels in
// its host wins, then the longest (a `*` counts for nothing), then the first. A rule
// for ECR without `registry` claims no host but those of the ECR grammar, whatever
// its pattern says.
class Routes {
public:
  Routes() = default;
  explicit Routes(std::vector<Rule> rules);

  // Null where no rule claims the key; valid as long as these routes. An opaque key is
  // claimed by none.
  [[nodiscard]] const Rule* find(const RegistryKey& key) const;

  // Whether who answers for this registry may depend on the repository.
  [[nodiscard]] bool differ_by_repository(const RegistryKey& key) const;

  // In the order in which they are tried.
  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

private:
  std::vector<Rule> rules_; // the most specific first
};

} // namespace purser
