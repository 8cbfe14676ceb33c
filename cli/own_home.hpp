#pragma once

#include "common/result.hpp"

namespace purser::cli {

// misconfigured where HOME is another user's, with what to do.
[[nodiscard]] Result<> check_home();

} // namespace purser::cli
