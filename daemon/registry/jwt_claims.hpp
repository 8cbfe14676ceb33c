#pragma once

#include "daemon/registry/scope_set.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string_view>

namespace purser {

// What a token that is a JWT (RFC 7519) says of itself. Decoded, not verified: whoever takes the
// token does that. Good for being careful (to renew earlier, to expect less), and for nothing else.
struct JwtClaims {
  std::optional<WallTime> expires_at; // `exp`; nothing where it is no number
  // `access` (distribution, "Token Authentication Implementation"): nothing where there is none;
  // the empty set where it grants nothing. An entry that is malformed is left out.
  std::optional<ScopeSet> access;
};

// Nothing where it is none, as most are not.
[[nodiscard]] std::optional<JwtClaims> read_jwt_claims(std::string_view token);

} // namespace purser
