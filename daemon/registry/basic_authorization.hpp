#pragma once

#include "common/secret.hpp"
#include "common/wiping.hpp"

#include <string_view>

namespace purser {

// `Basic ` and the base64 of `username:secret` in UTF-8: the value of an Authorization header
// (RFC 7617, section 2). A user name with a colon cannot be told from another: the caller
// refuses it.
[[nodiscard]] WipingBuffer basic_authorization(std::string_view username, const Secret& secret);

} // namespace purser
