#include "daemon/seal/wiping_heap.hpp"

#include "common/wiping.hpp"

#include <openssl/crypto.h>

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <pugixml.hpp>

namespace {

// As OpenSSL calls them.
void* allocate_for_openssl(std::size_t size, const char* /*file*/, int /*line*/)
{
  return size == 0 ? nullptr : std::malloc(size);
}

void free_for_openssl(void* place, const char* /*file*/, int /*line*/)
{
  purser::wipe_and_free(place);
}

void* reallocate_for_openssl(void* place, std::size_t size, const char* /*file*/, int /*line*/)
{
  if (place == nullptr) return size == 0 ? nullptr : std::malloc(size);
  if (size == 0) {
    purser::wipe_and_free(place);
    return nullptr;
  }
  void* const other = std::malloc(size);
  if (other == nullptr) return nullptr;
  std::memcpy(other, place, std::min(size, ::malloc_usable_size(place)));
  purser::wipe_and_free(place);
  return other;
}

void* allocate_for_pugixml(std::size_t size)
{
  return std::malloc(size);
}

void free_for_pugixml(void* place)
{
  purser::wipe_and_free(place);
}

} // namespace

namespace purser {

void wipe_what_libraries_free()
{
  // Refused where OpenSSL has allocated already: then it goes on as it was.
  (void)CRYPTO_set_mem_functions(allocate_for_openssl, reallocate_for_openssl, free_for_openssl);
  pugi::set_memory_management_functions(allocate_for_pugixml, free_for_pugixml);
}

} // namespace purser
