#pragma once

#include "common/result.hpp"

#include <string_view>

namespace purser {

// What a failed system call on a file means: "cannot write /p: No space left on device".
// `reason` is an errno value. transient for what mends itself or needs space (ENOSPC,
// EDQUOT, EIO, too many files, no memory); misconfigured for what somebody has to put
// right (permissions, read-only file systems, links and folders in the way).
[[nodiscard]] Error file_error(std::string_view tried, std::string_view path, int reason);

} // namespace purser
