#pragma once

#include <string_view>

namespace purser {

// Of this build, as in "0.1.0". It stands in version.cpp alone, so that a build of another version
// compiles that one source again and not all of them.
[[nodiscard]] std::string_view program_version();

} // namespace purser
