#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/seal/passphrase_key.hpp"

#include <cstddef>
#include <string>
#include <string_view>

// The format of a key under a passphrase, version 1. Numbers are 4 bytes, little-endian.
//
//   16 bytes  magic: "purser key", two zeros and the version
//   12 bytes  scrypt's cost: the binary logarithm of N, then r, then p
//   32 bytes  salt
//   60 bytes  the key (32 bytes), sealed; the context is all before it
//
// It is sealed by a SealingKey of the 32 bytes that scrypt makes of passphrase and salt.
namespace purser {

inline constexpr std::size_t k_wrapped_key_size = 16 + 12 + 32 + 60;
inline constexpr std::size_t k_max_passphrase = 1024;

// Whether it looks like one, be it damaged or of another version.
[[nodiscard]] bool is_wrapped_key(std::string_view bytes);

// Both block for as long as a guess is to cost. Errors of key_from_passphrase().
[[nodiscard]] Result<std::string>
wrap_key(const Secret& key, const Secret& passphrase, const ScryptCost& cost = k_passphrase_cost);
// rejected where the passphrase is another one, or the text was changed: nobody can tell. `what`
// of protocol_error is half a sentence: "is of another version of purser".
[[nodiscard]] Result<Secret> unwrap_key(std::string_view wrapped, const Secret& passphrase);

} // namespace purser
