#pragma once

#include "daemon/providers/aws/key_origin.hpp"

#include <string>

namespace purser::aws {

// What kind of keys these are, for people: `the access keys of profile "prod"`, `the role
// arn:... with the web identity in FILE`. `place` is that of the source. Never a secret, nor
// the rest of a URL, which may be one.
[[nodiscard]] std::string origin_phrase(const KeyOrigin& origin, const std::string& place);

} // namespace purser::aws
