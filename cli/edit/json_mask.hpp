#pragma once

#include <span>
#include <string>
#include <string_view>

namespace purser::cli {

// A valid JSON object's text as a person may see it: each string value is `"***"`, but for those
// below the root's members that `shown` names. Names of members stay. For diffs of files that
// hold secrets, some in places that nobody expects (proxies, headers).
[[nodiscard]] std::string masked_json(std::string_view text,
                                      std::span<const std::string_view> shown);

} // namespace purser::cli
