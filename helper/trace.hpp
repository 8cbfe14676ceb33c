#pragma once

#include "helper/line.hpp"

namespace purser::helper {

// Whether PURSER_DEBUG=1 asks for the steps on standard error. Silent otherwise:
// docker shows a helper's standard error to its user.
[[nodiscard]] bool tracing();

// Says one step, if they are asked for. Sizes and names only: no value of a
// variable other than the socket's path, nothing from standard input or an answer.
void trace(const Line& step);

} // namespace purser::helper
