#include "daemon/cache/cache_format.hpp"

#include "daemon/cache/piece_writer.hpp"
#include "daemon/store/byte_format.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace purser {
namespace {

constexpr std::string_view k_magic("purser cache\1\0\0\0", 16);
constexpr std::size_t k_magic_word = 12; // what precedes the version
constexpr std::size_t k_key_id_size = 16;
constexpr std::size_t k_head_size = k_magic.size() + k_key_id_size + 8 + 32 + 32 + 16;
constexpr std::string_view k_key_context = "purser cache key 1";
constexpr std::string_view k_token_context = "purser cache token 1";
constexpr std::string_view k_override_context = "purser cache override 1";

constexpr std::size_t k_field_size_width = 8; // see FieldList
constexpr std::size_t k_token_fields = 6;     // before its registries
constexpr std::size_t k_override_fields = 4;

// Room for arithmetic on both sides; 73 years.
constexpr std::int64_t k_latest = std::numeric_limits<std::int64_t>::max() / 4;

std::string key_id(const SealingKey& key)
{
  return key.digest("purser cache key id").substr(0, k_key_id_size);
}

std::string digest_of(const SealingKey& key, std::string_view what, std::string_view id)
{
  FieldList fields;
  fields.add(what).add(id);
  return key.digest(fields.text());
}

std::string machine_digest(const SealingKey& key, const CacheOwner& owner)
{
  if (owner.machine.empty()) return std::string(SealingKey::k_size, '\0');
  return digest_of(key, "purser cache machine 1", owner.machine);
}

std::string boot_digest(const SealingKey& key, const CacheOwner& owner)
{
  return digest_of(key, "purser cache boot 1", owner.boot);
}

template <class Time>
void append_time(std::string& out, Time time)
{
  append_number(out, static_cast<std::uint64_t>(time.time_since_epoch().count()), 8);
}

// Nothing for a time that no clock of ours shows.
template <class Time>
std::optional<Time> read_time(ByteReader& reader)
{
  const auto number = reader.number(8);
  if (!number) return std::nullopt;
  std::int64_t count = 0;
  std::memcpy(&count, &*number, sizeof count);
  if (count < -k_latest || count > k_latest) return std::nullopt;
  return Time(Duration(count));
}

Error damaged(std::string_view how)
{
  return {Errc::protocol_error, std::string(how)};
}

Error of_another(std::string_view what)
{
  return {Errc::misconfigured, std::string(what)};
}

// Only what this or another version of us may have written comes through.
Result<> check_head(const SealingKey& key, std::string_view bytes)
{
  if (bytes.empty()) return damaged("is empty");
  if (bytes.size() < k_magic.size()) return damaged("is cut short");
  if (!bytes.starts_with(k_magic.substr(0, k_magic_word)))
    return damaged("is no cache of purser's");
  if (!bytes.starts_with(k_magic)) return of_another("was saved by another version of purser");
  if (bytes.size() < k_head_size + SealingKey::k_size) return damaged("is cut short");
  if (bytes.substr(k_magic.size(), k_key_id_size) != key_id(key))
    return of_another("is sealed with another key");
  const auto covered = bytes.substr(0, bytes.size() - SealingKey::k_size);
  const auto digest = key.digest(covered);
  if (CRYPTO_memcmp(digest.data(), bytes.data() + covered.size(), digest.size()) != 0)
    return damaged("is damaged or cut short");
  return {};
}

Result<SavedCache>
decode_owner(const SealingKey& key, Opener& opener, const CacheOwner& owner, ByteReader& reader)
{
  const auto uid = reader.number(8);
  const auto machine = reader.take(SealingKey::k_size);
  const auto boot = reader.take(SealingKey::k_size);
  const auto wall = read_time<WallTime>(reader);
  const auto saved = read_time<BootTime>(reader);
  const auto sealed = reader.sized(4);
  if (!uid || !machine || !boot || !wall || !saved || !sealed) return damaged("has a damaged head");
  if (*uid != owner.uid) return of_another("is another user's");
  if (*machine != machine_digest(key, owner)) return of_another("is another machine's");
  const bool same_boot = *boot == boot_digest(key, owner);
  if (owner.machine.empty() && !same_boot)
    return of_another("is of another boot, on a machine without /etc/machine-id");
  auto process_key = opener.open(*sealed, k_key_context);
  if (!process_key || process_key->reveal().size() != SealingKey::k_size)
    return damaged("has a damaged key");
  return SavedCache(Moment{*saved, *wall}, same_boot, std::move(*process_key));
}

// The fields of a sealed entry; nothing where it has fewer than `least`.
std::optional<std::vector<std::string>>
open_fields(Opener& opener, ByteReader& reader, std::string_view context, std::size_t least)
{
  const auto sealed = reader.sized(4);
  if (!sealed) return std::nullopt;
  const auto opened = opener.open(*sealed, context);
  if (!opened) return std::nullopt;
  std::vector<std::string> fields;
  for (ByteReader entry(opened->reveal()); !entry.at_end();) {
    const auto field = entry.sized(k_field_size_width);
    if (!field) return std::nullopt;
    fields.emplace_back(*field);
  }
  if (fields.size() < least) return std::nullopt;
  return fields;
}

std::optional<KeptToken> decode_token(Opener& opener, ByteReader& reader)
{
  auto fields = open_fields(opener, reader, k_token_context, k_token_fields);
  if (!fields) return std::nullopt;
  auto& given = *fields;
  KeptToken token;
  token.provider = std::move(given[0]);
  token.identity = std::move(given[1]);
  token.source = std::move(given[2]);
  token.username = std::move(given[3]);
  token.sealed = std::make_shared<const std::string>(std::move(given[4]));
  ByteReader times(given[5]);
  const auto sent = read_time<BootTime>(times);
  const auto renew = read_time<BootTime>(times);
  const auto expires = read_time<BootTime>(times);
  const auto used = read_time<BootTime>(times);
  if (!sent || !renew || !expires || !used || !times.at_end()) return std::nullopt;
  if (*renew < *sent || *expires < *renew || *expires == *sent) return std::nullopt;
  token.life = Lifetime{*sent, *renew, *expires};
  token.last_used = *used;
  token.registries.assign(std::make_move_iterator(given.begin() + k_token_fields),
                          std::make_move_iterator(given.end()));
  return token;
}

std::optional<KeptOverride> decode_override(Opener& opener, ByteReader& reader)
{
  auto fields = open_fields(opener, reader, k_override_context, k_override_fields);
  if (!fields || fields->size() != k_override_fields) return std::nullopt;
  auto& given = *fields;
  ByteReader times(given[3]);
  const auto expires = read_time<BootTime>(times);
  if (!expires || !times.at_end()) return std::nullopt;
  return KeptOverride{std::move(given[0]), std::move(given[1]), std::move(given[2]), *expires};
}

Result<> decode_entries(Opener& opener, ByteReader& reader, KeptCache& kept)
{
  const auto tokens = reader.number(4);
  const auto overrides = reader.number(4);
  if (!tokens || !overrides) return damaged("has a damaged head");
  for (auto left = *tokens; left > 0; --left) {
    auto token = decode_token(opener, reader);
    if (!token) return damaged("has a damaged token");
    kept.tokens.push_back(std::move(*token));
  }
  for (auto left = *overrides; left > 0; --left) {
    auto held = decode_override(opener, reader);
    if (!held) return damaged("has a damaged override");
    kept.overrides.push_back(std::move(*held));
  }
  if (!reader.at_end()) return damaged("has something behind its entries");
  return {};
}

std::string sealed_token(const SealingKey& key, const KeptToken& token)
{
  std::string times;
  for (const BootTime time :
       {token.life.sent_at, token.life.renew_at, token.life.expires_at, token.last_used})
    append_time(times, time);
  FieldList fields;
  fields.add(token.provider).add(token.identity).add(token.source).add(token.username);
  fields.add(*token.sealed).add(times);
  for (const auto& registry : token.registries)
    fields.add(registry);
  return key.seal(fields.text(), k_token_context);
}

std::string sealed_override(const SealingKey& key, const KeptOverride& held)
{
  std::string expiry;
  append_time(expiry, held.expires_at);
  FieldList fields;
  fields.add(held.registry).add(held.username).add(held.sealed).add(expiry);
  return key.seal(fields.text(), k_override_context);
}

std::string encoded_head(const SealingKey& key,
                         const CacheOwner& owner,
                         const Moment& now,
                         const Secret& process_key,
                         const KeptCache& kept)
{
  std::string head(k_magic);
  head += key_id(key);
  append_number(head, owner.uid, 8);
  head += machine_digest(key, owner);
  head += boot_digest(key, owner);
  append_time(head, now.wall);
  append_time(head, now.boot);
  append_sized(head, key.seal(process_key.reveal(), k_key_context));
  append_number(head, kept.tokens.size(), 4);
  append_number(head, kept.overrides.size(), 4);
  return head;
}

Result<> add(PieceWriter& writer, std::string_view bytes)
{
  if (bytes.size() > k_max_cache_size - SealingKey::k_size - writer.size())
    return Error{Errc::misconfigured, "the cache is too large"};
  return writer.add(bytes);
}

Result<> add_sealed(PieceWriter& writer, std::string_view sealed)
{
  std::string size;
  append_number(size, sealed.size(), 4);
  if (auto added = add(writer, size); !added) return added;
  return add(writer, sealed);
}

} // namespace

Result<> encode_cache(const SealingKey& key,
                      const CacheOwner& owner,
                      const Moment& now,
                      const Secret& process_key,
                      const KeptCache& kept,
                      const ByteSink& sink)
{
  PieceWriter writer(key, sink);
  if (auto added = add(writer, encoded_head(key, owner, now, process_key, kept)); !added)
    return added;
  for (const KeptToken& token : kept.tokens)
    if (auto added = add_sealed(writer, sealed_token(key, token)); !added) return added;
  for (const KeptOverride& held : kept.overrides)
    if (auto added = add_sealed(writer, sealed_override(key, held)); !added) return added;
  return writer.finish();
}

Result<SavedCache>
decode_cache(const SealingKey& key, const CacheOwner& owner, std::string_view bytes)
{
  if (const auto checked = check_head(key, bytes); !checked) return checked.error();
  ByteReader reader(bytes.substr(0, bytes.size() - SealingKey::k_size));
  (void)reader.take(k_magic.size() + k_key_id_size);
  Opener opener(key);
  auto saved = decode_owner(key, opener, owner, reader);
  if (!saved) return saved;
  if (const auto read = decode_entries(opener, reader, saved->kept); !read) return read.error();
  return saved;
}

} // namespace purser
