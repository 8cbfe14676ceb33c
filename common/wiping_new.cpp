#include "common/wiping.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

// The heap of the program that this is a source of, and of no library: what C++ gives back to it
// is wiped first. Libraries' copies of what passes through them do not lie around afterwards.

namespace {

[[maybe_unused]] void* allocate_or_null(std::size_t size) noexcept
{
  return std::malloc(std::max<std::size_t>(size, 1));
}

// Nobody sets a handler here that could find memory.
[[maybe_unused]] void* allocate(std::size_t size)
{
  if (void* const place = allocate_or_null(size)) return place;
  throw std::bad_alloc();
}

[[maybe_unused]] void* allocate_or_null(std::size_t size, std::align_val_t alignment) noexcept
{
  const auto step = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(step, (std::max<std::size_t>(size, 1) + step - 1) / step * step);
}

[[maybe_unused]] void* allocate(std::size_t size, std::align_val_t alignment)
{
  if (void* const place = allocate_or_null(size, alignment)) return place;
  throw std::bad_alloc();
}

} // namespace

// Clang's thread sanitizer brings these itself, and allows no others.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define PURSER_FOREIGN_HEAP
#endif
#endif

#ifndef PURSER_FOREIGN_HEAP
void* operator new(std::size_t size)
{
  return allocate(size);
}
void* operator new[](std::size_t size)
{
  return allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment)
{
  return allocate(size, alignment);
}
void* operator new[](std::size_t size, std::align_val_t alignment)
{
  return allocate(size, alignment);
}
void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept
{
  return allocate_or_null(size);
}
void* operator new[](std::size_t size, const std::nothrow_t& /*tag*/) noexcept
{
  return allocate_or_null(size);
}
void* operator new(std::size_t size,
                   std::align_val_t alignment,
                   const std::nothrow_t& /*tag*/) noexcept
{
  return allocate_or_null(size, alignment);
}
void* operator new[](std::size_t size,
                     std::align_val_t alignment,
                     const std::nothrow_t& /*tag*/) noexcept
{
  return allocate_or_null(size, alignment);
}
void operator delete(void* place, const std::nothrow_t& /*tag*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete[](void* place, const std::nothrow_t& /*tag*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete(void* place) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete[](void* place) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete(void* place, std::size_t /*size*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete[](void* place, std::size_t /*size*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete(void* place, std::align_val_t /*alignment*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete[](void* place, std::align_val_t /*alignment*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete(void* place, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept
{
  purser::wipe_and_free(place);
}
void operator delete[](void* place, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept
{
  purser::wipe_and_free(place);
}
#endif
