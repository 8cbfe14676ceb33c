#include <malloc.h>
#include <string.h>

#include <cstddef>
#include <cstdlib>
#include <new>

// The whole program's heap of C++ is wiped when it is given back: the strings in it, nlohmann's
// among them, may have held a secret. GLib allocates on its own; there, libsecret wipes.

void* operator new(std::size_t size)
{
  // Of size 0, too, one has an address of its own.
  if (void* const place = std::malloc(size == 0 ? 1 : size)) return place;
  throw std::bad_alloc();
}

void operator delete(void* place) noexcept
{
  if (place == nullptr) return;
  explicit_bzero(place, ::malloc_usable_size(place));
  std::free(place);
}

void operator delete(void* place, std::size_t) noexcept
{
  operator delete(place);
}
