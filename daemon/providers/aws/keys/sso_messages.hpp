#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/key_origin.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/aws/keys/sso_token.hpp"

#include <string>
#include <string_view>

// The portal of IAM Identity Center (GetRoleCredentials) and its OIDC service (CreateToken).
// Source: their API references. Neither request is signed.
namespace purser::aws {

[[nodiscard]] HttpRequest
role_credentials_request(std::string url, const SsoSession& session, const Secret& access_token);
[[nodiscard]] Result<IssuedKeys> parse_role_credentials(std::string_view body);

[[nodiscard]] HttpRequest create_token_request(std::string url, const SsoToken& token);
// `now` is when it was sent. protocol_error where it is none.
[[nodiscard]] Result<RenewedSsoToken> parse_created_token(std::string_view body, WallTime now);

} // namespace purser::aws
