#pragma once

#include "common/wiping.hpp"

#include <optional>
#include <string>
#include <string_view>

// base64url without padding (RFC 7515, section 2).
namespace purser {

[[nodiscard]] std::string encode_base64url(std::string_view bytes);

// Nothing where it is none.
[[nodiscard]] std::optional<WipingBuffer> decode_base64url(std::string_view text);

} // namespace purser
