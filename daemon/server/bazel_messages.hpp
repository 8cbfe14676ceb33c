#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"
#include "daemon/cache/token_cache.hpp"

#include <string>
#include <string_view>

// What EngFlow's Credential Helpers specification says, which Bazel and other build tools
// speak, as bytes and as types.
namespace purser::bazel {

// The URI of a GetCredentialsRequest: one JSON object whose member `uri` is a string. Other
// members are ignored, as the specification wants it; none may come twice. bad_request
// otherwise; the text is never quoted.
[[nodiscard]] Result<std::string> parse_request(std::string_view json);

// A GetCredentialsResponse without headers: no credentials are needed, or none are known.
[[nodiscard]] WipingBuffer no_headers();

// One with an Authorization header, and with `expires` (RFC 3339, whole seconds, `Z`) where
// that is not empty. misconfigured where HTTP's Basic scheme cannot carry the credential.
[[nodiscard]] Result<WipingBuffer> headers(const Handout& handout, std::string_view expires);
// The same with the value of that header.
[[nodiscard]] WipingBuffer headers(std::string_view authorization, std::string_view expires);

} // namespace purser::bazel
