#include "daemon/seal/arena.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>

namespace purser {
namespace {

// Smaller secrets take as much: the map of the arena has two bits for each block.
constexpr std::size_t k_smallest_block = 32;

// Each call of CRYPTO_secure_malloc_init after the first fails, hence called once.
ArenaState set_up()
{
  // It advises MADV_DONTDUMP itself; 2 says that a guard page, the lock or that advice failed.
  switch (CRYPTO_secure_malloc_init(k_arena_size, k_smallest_block)) {
  case 1: return ArenaState::locked;
  case 2: return ArenaState::unlocked;
  default: ERR_clear_error(); return ArenaState::absent;
  }
}

} // namespace

ArenaState init_arena()
{
  static const ArenaState state = set_up();
  return state;
}

} // namespace purser
