#pragma once

#include <string_view>

namespace purser {

// Whether it is the name of a repository (OCI distribution specification 1.1, "Pulling
// manifests"): `library/alpine`, at most 255 bytes.
[[nodiscard]] bool is_repository_name(std::string_view text);

} // namespace purser
