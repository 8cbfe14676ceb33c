#pragma once

#include "common/secret.hpp"
#include "common/wiping.hpp"
#include "daemon/registry/scope_set.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace purser {

// How a registry is shown who asks.
struct AccessToken {
  enum class Scheme {
    none,   // not at all
    basic,  // with user name and password
    bearer, // with a token
  };

  Scheme scheme = Scheme::none;
  Secret token;         // for `basic` base64 of `user:password` (RFC 7617); empty for `none`
  std::string registry; // `host[:port]`
  std::string realm;    // the URL that the registry named; empty but for `bearer`
  std::string service;  // likewise; may be empty
  std::string username; // empty where it is nobody's
  std::string source;   // for people: who holds the credential; empty where there is none
  ScopeSet asked;       // what was asked for: more than was wanted where another token serves
  std::optional<ScopeSet> granted; // nothing where nobody said
  std::optional<BootTime> expires_at;

  // The value of an Authorization header; empty for `none`.
  [[nodiscard]] WipingBuffer authorization() const;
};

// "none", "basic", "bearer".
[[nodiscard]] std::string_view to_string(AccessToken::Scheme scheme);

} // namespace purser
