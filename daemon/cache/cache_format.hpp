#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/cache/cache_owner.hpp"
#include "daemon/cache/kept_token.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/byte_sink.hpp"

#include <cstddef>
#include <string_view>

// The format of a cache that outlives its process, version 1. Numbers are little-endian, times
// are nanoseconds in 8 bytes, two's complement: of CLOCK_BOOTTIME, or since 1970 (wall).
//
//   16 bytes  magic: "purser cache" and the version (4 bytes)
//   16 bytes  key id: the beginning of the digest of "purser cache key id"
//    8 bytes  uid
//   32 bytes  digest of a FieldList of "purser cache machine 1" and /etc/machine-id;
//             zeros where there is none
//   32 bytes  digest of a FieldList of "purser cache boot 1" and the boot's identity: the boot
//             id, a space and the inode of the time namespace
//   16 bytes  when it was saved: wall, then boot
//   sealed    the process key (32 bytes)
//    8 bytes  number of tokens, of overrides
//   sealed    tokens, each a FieldList of provider, identity, source, user name, the token as it
//             lies in memory, its times (sent, renewal, expiry, last use) and its registries
//   sealed    overrides, each a FieldList of registry (in a namespace NAMESPACE/registry),
//             user name, the secret as it lies in memory, and its expiry
//   32 bytes  digest of all before it
//
// `sealed` is a size (4 bytes) and as many bytes; the contexts are "purser cache key 1",
// "purser cache token 1" and "purser cache override 1". Sealing and digests are SealingKey's,
// with a key of the key ladder; what lies in memory is sealed with the process key.
namespace purser {

inline constexpr std::size_t k_max_cache_size = std::size_t{32} << 20;

// What one process saved.
struct SavedCache {
  SavedCache(Moment when, bool same, Secret key)
    : saved(when), same_boot(same), process_key(std::move(key))
  {
  }

  Moment saved;
  bool same_boot; // its boot times are ours
  Secret process_key;
  KeptCache kept;
};

// In pieces, of which one at a time is in memory: see PieceWriter. The sink's error, or
// misconfigured as soon as it is more than k_max_cache_size.
[[nodiscard]] Result<> encode_cache(const SealingKey& key,
                                    const CacheOwner& owner,
                                    const Moment& now,
                                    const Secret& process_key,
                                    const KeptCache& kept,
                                    const ByteSink& sink);
// misconfigured where it is another key's, user's, machine's or version's, protocol_error where
// it is damaged; `what` is half a sentence without a path: "is cut short".
[[nodiscard]] Result<SavedCache>
decode_cache(const SealingKey& key, const CacheOwner& owner, std::string_view bytes);

} // namespace purser
