#pragma once

#include "common/wiping.hpp"

#include <string_view>

namespace purser {

// Appends `text` (UTF-8) as a string of JSON (RFC 8259, section 7). For answers with secrets in
// them, which no library is to keep copies of.
void append_json_string(WipingBuffer& out, std::string_view text);

} // namespace purser
