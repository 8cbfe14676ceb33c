#include "daemon/seal/wiping_heap.hpp"

#include <openssl/crypto.h>

#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <pugixml.hpp>

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

void wipe_and_free(void* place) noexcept
{
  if (place == nullptr) return;
  ::explicit_bzero(place, ::malloc_usable_size(place));
  std::free(place);
}

// As OpenSSL calls them.
void* allocate_for_openssl(std::size_t size, const char* /*file*/, int /*line*/)
{
  return size == 0 ? nullptr : std::malloc(size);
}

void free_for_openssl(void* place, const char* /*file*/, int /*line*/)
{
  wipe_and_free(place);
}

void* reallocate_for_openssl(void* place, std::size_t size, const char* /*file*/, int /*line*/)
{
  if (place == nullptr) return size == 0 ? nullptr : std::malloc(size);
  if (size == 0) {
    wipe_and_free(place);
    return nullptr;
  }
  void* const other = std::malloc(size);
  if (other == nullptr) return nullptr;
  std::memcpy(other, place, std::min(size, ::malloc_usable_size(place)));
  wipe_and_free(place);
  return other;
}

void* allocate_for_pugixml(std::size_t size)
{
  return std::malloc(size);
}

void free_for_pugixml(void* place)
{
  wipe_and_free(place);
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
  wipe_and_free(place);
}
void operator delete[](void* place, const std::nothrow_t& /*tag*/) noexcept
{
  wipe_and_free(place);
}
void operator delete(void* place) noexcept
{
  wipe_and_free(place);
}
void operator delete[](void* place) noexcept
{
  wipe_and_free(place);
}
void operator delete(void* place, std::size_t /*size*/) noexcept
{
  wipe_and_free(place);
}
void operator delete[](void* place, std::size_t /*size*/) noexcept
{
  wipe_and_free(place);
}
void operator delete(void* place, std::align_val_t /*alignment*/) noexcept
{
  wipe_and_free(place);
}
void operator delete[](void* place, std::align_val_t /*alignment*/) noexcept
{
  wipe_and_free(place);
}
void operator delete(void* place, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept
{
  wipe_and_free(place);
}
void operator delete[](void* place, std::size_t /*size*/, std::align_val_t /*alignment*/) noexcept
{
  wipe_and_free(place);
}
#endif

namespace purser {

void wipe_what_libraries_free()
{
  // Refused where OpenSSL has allocated already: then it goes on as it was.
  (void)CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, free_for_openssl);
  pugi::set_memory_management_functions(allocate_for_pugixml, free_for_pugixml);
}

} // namespace purser
