// For the tarball alone: what would bind a program to a newer glibc than all else of it does.

#include <sys/random.h>

#include <cstdint>
#include <cstdlib>

// std::random_device asks for it; glibc has had it since 2.36.
extern "C" std::uint32_t arc4random() noexcept
{
  std::uint32_t value = 0;
  if (::getrandom(&value, sizeof value, 0) != sizeof value) std::abort(); // glibc's does the same
  return value;
}
