#pragma once

#include "common/secret.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/registry/scope_set.hpp"

#include <string>
#include <utility>

namespace purser {

// All that one question to a token endpoint is made of.
struct TokenQuestion {
  TokenQuestion() = default;
  TokenQuestion(TokenQuestion&&) noexcept = default;
  TokenQuestion& operator=(TokenQuestion&&) noexcept = default;

  std::string registry; // `host[:port]`
  std::string realm;    // URL, found fit by check_realm()
  std::string service;  // empty where the challenge named none
  ScopeSet scopes;
  Egress egress;
  bool only_public = true; // see Realm

  // Whose token it will be; both empty: nobody's.
  std::string username;
  Secret secret;
  // Where the credential store keeps it, which is looked at again before each exchange; an empty
  // key: elsewhere.
  std::string space;
  std::string stored_as;

  [[nodiscard]] bool anonymous() const { return username.empty() && secret.empty(); }
  // The secret is a refresh token, by docker's convention.
  [[nodiscard]] bool by_identity_token() const;
};

} // namespace purser
