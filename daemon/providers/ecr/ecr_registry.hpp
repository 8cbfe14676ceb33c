#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/providers/ecr/ecr_messages.hpp"

#include <string>

namespace purser::ecr {

// What the name of a registry says about its API. The account is left out on purpose: one
// token serves all registries of a region.
struct EcrRegistry {
  Api api = Api::ecr;
  std::string region; // where requests are signed for
  bool fips = false;
  bool dual_stack = false;
};

// The registry of `key`, or the one that the rule names for it (a domain of one's own in
// front of ECR); the rule's region wins over that of the name. misconfigured where neither
// is an ECR host.
[[nodiscard]] Result<EcrRegistry> find_registry(const Rule& rule, const RegistryKey& key);

// Whether the key's host is of the ECR grammar; for the table of providers.
[[nodiscard]] bool serves(const RegistryKey& key);

// Whether a client without credentials may rightly go on: ECR Public.
[[nodiscard]] bool anonymous(const RegistryKey& key);

} // namespace purser::ecr
