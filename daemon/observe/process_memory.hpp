#pragma once

#include <cstdint>
#include <optional>

namespace purser {

// This process's resident memory, in bytes: now (nothing where /proc is not there to ask), and the
// most there ever was.
struct ProcessMemory {
  std::optional<std::uint64_t> resident;
  std::uint64_t peak = 0;
};

// Asks the kernel; reads no disk.
[[nodiscard]] ProcessMemory process_memory();

} // namespace purser
