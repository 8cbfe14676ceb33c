#include "daemon/seal/stack.hpp"

#include <string.h>

#include <array>

namespace purser {

// Beast gathers up to 16 KiB of a request on the stack, some calls further down.
[[gnu::noinline]] void wipe_left_on_stack() noexcept
{
  constexpr std::size_t k_reach = std::size_t{64} << 10;
  std::array<char, k_reach> left; // NOLINT(cppcoreguidelines-pro-type-member-init)
  ::explicit_bzero(left.data(), left.size());
}

} // namespace purser
