#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"
#include "daemon/tokens/access_token.hpp"
#include "daemon/tokens/token_target.hpp"

#include <string_view>
#include <utility>

// What `POST /v1/token` takes and gives (docs/protocol.md), as bytes and as types.
namespace purser::tokens {

struct TokenRequest {
  TokenRequest(TokenTarget t, ScopeSet w) : target(std::move(t)), wanted(std::move(w)) {}

  TokenTarget target;
  ScopeSet wanted; // those of the target, and those that are named besides
  bool anonymous = false;
};

// One object with `target`, and perhaps `scopes` (a list of texts) and `anonymous`; strict.
// bad_request otherwise.
[[nodiscard]] Result<TokenRequest> parse_request(std::string_view json);

// `expires_at` is RFC 3339; empty where it is not known.
[[nodiscard]] WipingBuffer token_json(const AccessToken& access, std::string_view expires_at);

} // namespace purser::tokens
