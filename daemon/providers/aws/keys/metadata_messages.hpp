#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/providers/aws/keys/issued_keys.hpp"

#include <string>
#include <string_view>

namespace purser::aws {

// Keys as the endpoints of containers and of EC2's metadata give them: AccessKeyId,
// SecretAccessKey, Token and Expiration in JSON. protocol_error where it is none; transient
// where EC2 says "Code": other than "Success".
[[nodiscard]] Result<IssuedKeys> parse_metadata_keys(std::string_view body);

// Keys as the endpoint of a container gives them. The limits are those of AWS's SDKs.
[[nodiscard]] HttpRequest container_request(std::string url, std::string_view authorization);

// EC2's metadata service, version 2. `path` is below /latest/.
[[nodiscard]] HttpRequest metadata_token_request(const std::string& base);
[[nodiscard]] HttpRequest
metadata_request(const std::string& base, std::string_view path, std::string_view token);

} // namespace purser::aws
