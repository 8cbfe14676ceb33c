#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <cstdint>
#include <string_view>

namespace purser {

// What one guess at a passphrase costs (scrypt's parameters, RFC 7914): 128 * r * 2^log2_n bytes
// of memory, and time in proportion to that and to p.
struct ScryptCost {
  std::uint32_t log2_n = 16;
  std::uint32_t r = 8;
  std::uint32_t p = 1;

  friend bool operator==(const ScryptCost&, const ScryptCost&) = default;
};

// 64 MiB, and an eighth of a second on a processor of 2020.
inline constexpr ScryptCost k_passphrase_cost{};

// The most that is accepted from a file: 256 MiB.
inline constexpr std::uint64_t k_max_scrypt_memory = std::uint64_t{256} << 20;

// SealingKey::k_size bytes that follow from the passphrase and the salt. Blocks for as long as it
// costs. protocol_error for a cost that is none or over the limit, transient where there is no
// memory for it.
[[nodiscard]] Result<Secret>
key_from_passphrase(const Secret& passphrase, std::string_view salt, const ScryptCost& cost);

} // namespace purser
