#pragma once

#include <string_view>

namespace purser {

// Whether `pattern` claims the registry `host[:port]` and repository of a key.
//
// `*` stands for one whole label of the host or, as the last component of the
// path, for the rest of it. A pattern without a path claims every repository.
// The port must be equal; a pattern without a port claims only keys without one.
// Both are in the canonical form of RegistryKey.
[[nodiscard]] bool
pattern_matches(std::string_view pattern, std::string_view registry, std::string_view repository);

} // namespace purser
