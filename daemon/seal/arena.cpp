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
  // A configuration of OpenSSL that somebody's environment names must not load code here.
  // Nor is OpenSSL cleaned up at the end, under the hands of a thread still at work.
  OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, nullptr);
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
