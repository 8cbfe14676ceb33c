#pragma once

#include "common/file_descriptor.hpp"

#include <cstddef>
#include <string_view>

namespace purser {

// What the processes do that work for the daemon at the other end of `job`, a stream socket. There
// is no event loop in them.

// By CLOCK_BOOTTIME.
[[nodiscard]] long now_in_milliseconds();

// All of `size` bytes, within ten seconds; false where they do not come.
[[nodiscard]] bool read_job(const FileDescriptor& job, void* place, std::size_t size);

// Nothing happens where nobody listens.
void answer_job(const FileDescriptor& job, std::string_view text);

} // namespace purser
