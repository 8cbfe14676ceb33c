#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/time/clock.hpp"

#include <string>
#include <string_view>

namespace purser::aws {

// Proof that whoever sends a POST to `url` holds the key (RFC 9449, section 4): the value of
// the header DPoP, signed with ES256 (RFC 7518, section 3.4). `id` is another one each time.
//
// misconfigured where `pem` holds no private key on the curve P-256.
[[nodiscard]] Result<std::string>
dpop_proof(const Secret& pem, std::string_view url, WallTime now, std::string_view id);

} // namespace purser::aws
