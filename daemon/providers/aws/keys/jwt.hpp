#pragma once

#include "common/secret.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string_view>

// JSON Web Tokens (RFC 7519), as far as we look into them. Nothing is verified: that is for
// whom the token is shown to.
namespace purser::aws {

// Whether it is one that says whom it speaks for.
[[nodiscard]] bool is_jwt(std::string_view token);

// Whom a token speaks for: the claims iss, sub and aud, or all of a token that is no JWT. A
// new token of the same subject gives the same text.
[[nodiscard]] Secret subject_of(std::string_view token);

// When it expires; nothing where it does not say.
[[nodiscard]] std::optional<WallTime> end_of(std::string_view token);

} // namespace purser::aws
