#pragma once

#include <string.h>

#include <cstddef>
#include <memory>
#include <vector>

namespace purser {

// An allocator that wipes what it gives back, for buffers that secrets pass
// through. Not for what is kept: that is a Secret.
template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept // NOLINT(google-explicit-constructor)
  {
  }

  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* p, std::size_t n) noexcept
  {
    explicit_bzero(static_cast<void*>(p), n * sizeof(T));
    std::allocator<T>().deallocate(p, n);
  }

  friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

// Not a string: a string keeps short contents inside itself, where nothing wipes them.
using WipingBuffer = std::vector<char, WipingAllocator<char>>;

} // namespace purser
