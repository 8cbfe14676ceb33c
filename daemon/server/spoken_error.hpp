#pragma once

#include "common/result.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/request_handler.hpp"

namespace purser {

// The answer of a front end whose clients read what went wrong from standard error: one line
// with host, cause and what to do. `trail` learns the outcome; it knows the registry, if any.
[[nodiscard]] ServerResponse spoken_error(AuditEvent& trail, const Error& error);

} // namespace purser
