#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/keys/login_token.hpp"

#include <string>
#include <string_view>

// AWS Sign-In: CreateOAuth2Token with a refresh token. Source: its API reference.
namespace purser::aws {

// `proof` is that of DPoP, for the same URL.
[[nodiscard]] HttpRequest
login_token_request(std::string url, const LoginToken& token, std::string proof);

// The keys and the refresh token in an answer, and until when they live; `now` is when it came.
// protocol_error where it is none.
[[nodiscard]] Result<LoginToken> parse_login_token(std::string_view body, WallTime now);

// Why AWS Sign-In renews nothing: its word for it, or empty.
[[nodiscard]] std::string login_refusal(std::string_view body);

} // namespace purser::aws
