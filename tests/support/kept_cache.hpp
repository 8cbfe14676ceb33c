#pragma once

#include "daemon/cache/cache_format.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace purser::test {

// A clock that shows this, 100 hours after its boot.
inline const Moment k_moment{BootTime(std::chrono::hours(100)),
                             WallTime(std::chrono::hours(24 * 365 * 55))};

// What lies in memory under `key` for a token of 12 hours that was sent at `sent`.
inline KeptToken kept_token(const SealingKey& key,
                            const std::string& identity,
                            std::string_view secret,
                            BootTime sent = k_moment.boot)
{
  using namespace std::chrono_literals;
  KeptToken token;
  token.provider = "ecr";
  token.identity = identity;
  token.source = "profile marker-source";
  token.registries = {"marker-registry.example", "b.example"};
  token.username = "marker-user";
  token.sealed = std::make_shared<const std::string>(key.seal(secret, identity));
  token.life = Lifetime{sent, sent + 5h, sent + 12h};
  token.last_used = sent + 1min;
  return token;
}

inline KeptOverride kept_override(const SealingKey& key,
                                  const std::string& registry,
                                  std::string_view secret,
                                  BootTime expires_at = k_moment.boot + std::chrono::hours(6))
{
  return KeptOverride{registry, "marker-user", key.seal(secret, registry), expires_at};
}

// The pieces of an encoded cache, put together.
inline std::string encoded_cache(const SealingKey& key,
                                 const CacheOwner& owner,
                                 const Moment& now,
                                 const Secret& process_key,
                                 const KeptCache& kept)
{
  std::string bytes;
  const auto sink = [&bytes](std::string_view piece) {
    bytes += piece;
    return Result<>();
  };
  const auto encoded = encode_cache(key, owner, now, process_key, kept, sink);
  return encoded ? bytes : encoded.error().what;
}

} // namespace purser::test
