#include "daemon/descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace purser {

void raise_descriptor_limit()
{
  constexpr rlim_t k_wanted = 4096;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(k_wanted, limit.rlim_max);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  ::setrlimit(RLIMIT_NOFILE, &limit); // up to the hard limit it may always be
}

} // namespace purser
