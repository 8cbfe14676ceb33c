#pragma once

#include "common/registry_key.hpp"
#include "common/result.hpp"
#include "daemon/registry/scope_set.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// What a person writes for a registry, or for rights at one of its repositories.
struct TokenTarget {
  TokenTarget(RegistryKey k, ScopeSet s) : key(k), scopes(std::move(s)) {}

  RegistryKey key; // with the repository, where there is one
  ScopeSet scopes;
  std::vector<std::string> actions; // in the order in which they are written; none of a registry
};

// `REGISTRY` or `REGISTRY/REPOSITORY[:ACTIONS]`, where ACTIONS is `pull` if it is left out, else
// `pull,push`, `delete`, `*`. A repository of Docker Hub without a slash is one of `library/`.
// bad_request otherwise, as where a tag or a digest stands in place of actions.
[[nodiscard]] Result<TokenTarget> parse_token_target(std::string_view text);

} // namespace purser
