#pragma once

#include "common/registry_url.hpp"

#include <string_view>

namespace purser::helper {

// The URI of a request as Bazel writes it: one object with the one member `uri`, whose
// scheme and host hold no escape. Whatever is not certainly that is `malformed`: there is
// no JSON parser here, and a guess at the host could be the wrong one.
[[nodiscard]] RegistryUrl url_of_bazel_request(std::string_view input);

} // namespace purser::helper
