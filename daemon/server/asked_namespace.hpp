#pragma once

#include "common/result.hpp"
#include "daemon/providers/asker.hpp"

#include <string>

namespace purser {

// The namespace that the asker's PURSER_NAMESPACE names; empty where it is not set. bad_request
// where it holds anything else, also nothing: a job whose name came out empty must not get at
// what the user stored.
[[nodiscard]] Result<std::string> asked_namespace(const Asker& asker);

// For a name that is none. It is not quoted: it may hold anything.
[[nodiscard]] Error no_namespace();

} // namespace purser
