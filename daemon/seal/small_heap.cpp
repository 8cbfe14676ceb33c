#include "daemon/seal/small_heap.hpp"

#include <malloc.h>

namespace purser {

void keep_heap_small()
{
  // The threads of the pools allocate little and seldom: a heap for each would only keep memory.
  ::mallopt(M_ARENA_MAX, 1);
  // Left alone, these grow with the largest piece that was ever given back.
  ::mallopt(M_MMAP_THRESHOLD, static_cast<int>(k_large_piece));
  ::mallopt(M_TRIM_THRESHOLD, static_cast<int>(k_large_piece));
}

} // namespace purser
