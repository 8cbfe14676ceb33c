#pragma once

#include <cstddef>

namespace purser {

// From this size on a piece of memory is the system's again as soon as it is given back, and no
// more than this is kept at the heap's end.
inline constexpr std::size_t k_large_piece = std::size_t{256} << 10;

// One heap for all threads, with the limits above. Once, before the first thread.
void keep_heap_small();

} // namespace purser
