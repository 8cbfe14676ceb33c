#pragma once

#include "daemon/renewal/policy.hpp"

#include <memory>
#include <string>
#include <vector>

namespace purser {

// A token as it lies in memory, and all that is known of it beside: what outlives a process.
// `sealed` opens with the key of the process that obtained it, under the identity.
struct KeptToken {
  std::string provider; // its name in the table
  std::string identity; // the digest
  std::string source;   // for people, as Resolved::source
  std::vector<std::string> registries;
  std::string username;
  std::shared_ptr<const std::string> sealed; // the cache's own; never null
  Lifetime life{};
  BootTime last_used{};
};

// An override as it lies in memory, likewise; under its name.
struct KeptOverride {
  std::string registry; // Overrides::name(): in a namespace, NAMESPACE/registry
  std::string username;
  std::string sealed;
  BootTime expires_at{};
};

// What the daemon holds and a restart must not cost.
struct KeptCache {
  std::vector<KeptToken> tokens;
  std::vector<KeptOverride> overrides;
};

} // namespace purser
