#pragma once

#include <string>
#include <string_view>

namespace purser::cli {

// RFC 4648, section 4: with padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

} // namespace purser::cli
