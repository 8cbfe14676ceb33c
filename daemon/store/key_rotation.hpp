#pragma once

#include "common/result.hpp"
#include "daemon/store/key_ladder.hpp"

#include <optional>
#include <string>

// How the generated key is replaced although two files have to change with it. Under the store's
// lock, and each step durable before the next:
//
//   1. the new key becomes KEY.next
//   2. the store is replaced, sealed with the new key
//   3. KEY.next is renamed to KEY
//
// Whoever reads takes KEY, and KEY.next where the store is sealed with that one. A rotation that
// was cut short is brought to its end, or taken back, by the next that changes anything.
namespace purser {

// `store_key_id` is what the head of the store says (store_format.hpp); nothing where there is no
// store. Only for who holds the store's lock. Blocks.
[[nodiscard]] Result<> finish_rotation(const KeyLadder& ladder,
                                       const std::optional<std::string>& store_key_id);

} // namespace purser
