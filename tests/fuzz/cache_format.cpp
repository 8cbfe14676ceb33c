// Arbitrary bytes as a saved cache: as they are, with the digest that a key holder would have
// given them behind a good head, and as the fields of a token and of an override.
#include "daemon/cache/placed_cache.hpp"
#include "daemon/cache/process_key.hpp"
#include "daemon/store/byte_format.hpp"
#include "tests/support/kept_cache.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace purser;

const CacheOwner k_owner{1000, "machine", "boot"};
const Moment k_now{BootTime(std::chrono::hours(1000)), WallTime(std::chrono::hours(480000))};
const std::string k_process_key(SealingKey::k_size, 'p');

// Whatever decodes is whole: it gives the same cache again, and its times can be reckoned with.
void check(const SealingKey& key, std::string_view bytes)
{
  auto saved = decode_cache(key, k_owner, bytes);
  if (!saved) return;
  const auto tokens = saved->kept.tokens.size();
  const std::string encoded =
      test::encoded_cache(key, k_owner, saved->saved, saved->process_key, saved->kept);
  auto again = decode_cache(key, k_owner, encoded);
  if (!again || again->kept.tokens.size() != tokens) std::abort();
  const auto here = placed(std::move(*saved), k_now);
  again->same_boot = false;
  const auto elsewhere = placed(std::move(*again), k_now);
  for (const auto* kept : {&here, &elsewhere}) {
    if (!*kept) continue;
    for (const auto& token : (*kept)->tokens)
      if (token.life.expires_at <= k_now.boot) std::abort();
  }
}

std::string with_digest(const SealingKey& key, std::string bytes)
{
  bytes += key.digest(bytes);
  return bytes;
}

} // namespace

// NOLINTNEXTLINE(readability-identifier-naming): the name that libFuzzer calls
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* input, std::size_t size)
{
  static const SealingKey key =
      SealingKey::from_bytes(Secret(std::string(SealingKey::k_size, 'k'))).value();
  static const std::string empty =
      test::encoded_cache(key, k_owner, k_now, Secret(k_process_key), {});
  static const std::string head = empty.substr(0, empty.size() - SealingKey::k_size - 8);
  const std::string_view bytes(reinterpret_cast<const char*>(input), size);

  check(key, bytes);
  check(key, with_digest(key, head + std::string(bytes)));
  check(key, with_digest(key, empty.substr(0, 32) + std::string(bytes)));
  std::string one_token(head + std::string("\1\0\0\0\0\0\0\0", 8));
  append_sized(one_token, key.seal(bytes, "purser cache token 1"));
  check(key, with_digest(key, one_token));
  std::string one_override(head + std::string("\0\0\0\0\1\0\0\0", 8));
  append_sized(one_override, key.seal(bytes, "purser cache override 1"));
  check(key, with_digest(key, one_override));
  return 0;
}
