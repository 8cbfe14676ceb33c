#pragma once

#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>
#include <vector>

namespace purser {

// An allocator that wipes what it gives back, for buffers that secrets pass
// through. Not for what is kept: that is a Secret. New elements without a value are not
// initialised: mostly something is read into them.
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

  template <class U>
  void construct(U* place) noexcept
  {
    ::new (static_cast<void*>(place)) U;
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

// Of malloc(); null is nothing to do.
inline void wipe_and_free(void* place) noexcept
{
  if (place == nullptr) return;
  explicit_bzero(place, malloc_usable_size(place));
  std::free(place);
}

// Not a string: a string keeps short contents inside itself, where nothing wipes them.
using WipingBuffer = std::vector<char, WipingAllocator<char>>;

// As insert() at the end, which goes byte by byte with an allocator of one's own.
inline void append(WipingBuffer& buffer, std::string_view bytes)
{
  const std::size_t size = buffer.size();
  buffer.resize(size + bytes.size());
  if (!bytes.empty()) std::memcpy(buffer.data() + size, bytes.data(), bytes.size());
}

} // namespace purser
