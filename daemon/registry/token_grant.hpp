#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/registry/scope_set.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string_view>
#include <utility>

namespace purser {

// What a token endpoint gave.
struct TokenGrant {
  TokenGrant(Secret t, Duration l, std::optional<ScopeSet> g, std::optional<Secret> r)
    : token(std::move(t)), life(l), granted(std::move(g)), refresh_token(std::move(r))
  {
  }

  Secret token;  // a token68 (RFC 9110, 11.2), at most 64 KiB: fit for a header as it is
  Duration life; // from when it was asked for; positive, at most 24 h
  // The rights as the answer or, in a JWT, the token says; nothing where neither does.
  std::optional<ScopeSet> granted;
  std::optional<Secret> refresh_token; // printable ASCII
};

// Reads the body of a 200 (distribution, "Token Authentication Specification" and "OAuth2 Token
// Authentication"). `host` is that of the realm, for errors. `server_now` is the server's own
// clock (its Date header), or ours where it sent none.
//
// The life is what `expires_in` says, 60 s where there is none; `issued_at` can only shorten it,
// and counts only where it is less than that long ago: clocks are wrong. `exp` of a JWT stands in
// for an `expires_in` that is missing, and can only shorten one that is there.
//
// rejected: no token in it, which is how some refuse. protocol_error: no JSON object, a member of
// a wrong type, a token with what no token has, or one that has expired already.
[[nodiscard]] Result<TokenGrant>
parse_token_grant(const Secret& body, std::string_view host, WallTime server_now);

} // namespace purser
