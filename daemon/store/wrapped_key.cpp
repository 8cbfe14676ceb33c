#include "daemon/store/wrapped_key.hpp"

#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/byte_format.hpp"

namespace purser {
namespace {

constexpr std::string_view k_magic("purser key\0\0\1\0\0\0", 16);
constexpr std::size_t k_magic_word = 12; // what precedes the version
constexpr std::size_t k_salt_size = 32;
constexpr std::size_t k_head_size = 16 + 12 + k_salt_size;
static_assert(k_wrapped_key_size == k_head_size + SealingKey::k_size + SealingKey::k_overhead);

Result<SealingKey>
wrapping_key(const Secret& passphrase, std::string_view salt, const ScryptCost& cost)
{
  const auto bytes = key_from_passphrase(passphrase, salt, cost);
  if (!bytes) return bytes.error();
  return SealingKey::from_bytes(*bytes);
}

} // namespace

bool is_wrapped_key(std::string_view bytes)
{
  return bytes.starts_with(k_magic.substr(0, k_magic_word));
}

Result<std::string> wrap_key(const Secret& key, const Secret& passphrase, const ScryptCost& cost)
{
  const Secret salt = random_key_bytes();
  std::string text(k_magic);
  for (const std::uint32_t number : {cost.log2_n, cost.r, cost.p})
    append_number(text, number, 4);
  text += salt.reveal();
  const auto wrapping = wrapping_key(passphrase, salt.reveal(), cost);
  if (!wrapping) return wrapping.error();
  return text + wrapping->seal(key.reveal(), text);
}

Result<Secret> unwrap_key(std::string_view wrapped, const Secret& passphrase)
{
  ByteReader reader(wrapped);
  if (reader.take(k_magic.size()) != k_magic)
    return Error{Errc::protocol_error, "is of another version of purser"};
  if (wrapped.size() != k_wrapped_key_size) return Error{Errc::protocol_error, "is cut short"};
  ScryptCost cost;
  for (std::uint32_t* const number : {&cost.log2_n, &cost.r, &cost.p})
    *number = static_cast<std::uint32_t>(reader.number(4).value_or(0));
  const auto salt = reader.take(k_salt_size).value_or(std::string_view());
  const auto wrapping = wrapping_key(passphrase, salt, cost);
  if (!wrapping) return wrapping.error();
  auto key = wrapping->open(wrapped.substr(k_head_size), wrapped.substr(0, k_head_size));
  if (!key) return Error{Errc::rejected, "wrong passphrase"};
  return key;
}

} // namespace purser
