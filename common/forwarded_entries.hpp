#pragma once

#include <cstddef>
#include <span>

// What a program of ours tells the daemon of its caller's environment (docs/protocol.md): the
// variables of common/forwarded_variables.hpp and the working directory. Needs no library and no
// heap, so that the helper can use it.
namespace purser {

// Writes the variables of this process that are forwarded, and its working directory, each
// ended by a NUL byte, and the empty entry after them. Returns the size, or 0 where they do
// not fit.
[[nodiscard]] std::size_t write_entries(std::span<char> space);

} // namespace purser
