#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/tokens/token_question.hpp"

#include <string>

// What is sent to a token endpoint.
namespace purser {

// As which program we ask (RFC 6749, A.1).
inline constexpr std::string_view k_client_id = "purser";

// Whether a user name and password have a form in HTTP; misconfigured, without quoting them.
[[nodiscard]] Result<> check_expressible(const TokenQuestion& question);

// `REALM?account=...&client_id=purser&scope=...&scope=...&service=...`, one `scope` for each entry,
// with the query that the realm has already in front; Basic unless it is anonymous.
// Source: distribution, "Token Authentication Specification".
[[nodiscard]] HttpRequest get_request(const TokenQuestion& question);

// The form of a POST, with all scopes in one parameter.
// Source: distribution, "OAuth2 Token Authentication".
[[nodiscard]] HttpRequest password_request(const TokenQuestion& question);
[[nodiscard]] HttpRequest refresh_request(const TokenQuestion& question);

} // namespace purser
