#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/key_origin.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"
#include "daemon/providers/diagnosis.hpp"

#include <string>
#include <string_view>

// The query protocol of the AWS Security Token Service, version 2011-06-15.
// Source: the AWS STS API reference.
namespace purser::aws {

// To be signed. `session` names the session where the role does not.
[[nodiscard]] HttpRequest
assume_role_request(std::string url, const RoleRequest& role, std::string_view session);

// Not to be signed: the token proves who asks.
[[nodiscard]] HttpRequest web_identity_request(std::string url,
                                               const RoleRequest& role,
                                               std::string_view session,
                                               const Secret& token);

// To be signed.
[[nodiscard]] HttpRequest caller_identity_request(std::string url);

// The keys in an answer to one of the first two. protocol_error where it is none.
[[nodiscard]] Result<IssuedKeys> parse_sts_keys(std::string_view body);
// Who the last is from: an ARN in printable ASCII and an account of twelve digits.
[[nodiscard]] Result<Principal> parse_caller_identity(std::string_view body);

} // namespace purser::aws
