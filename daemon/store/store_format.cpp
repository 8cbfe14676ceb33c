#include "daemon/store/store_format.hpp"

#include "daemon/store/byte_format.hpp"

#include <openssl/crypto.h>

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

namespace purser {
namespace {

constexpr std::string_view k_magic("purser store\1\0\0\0", 16);
constexpr std::size_t k_magic_word = 12; // what precedes the version
constexpr std::size_t k_key_id_size = 16;
constexpr std::size_t k_head_size = k_magic.size() + k_key_id_size;
constexpr std::size_t k_count_width = 4;
constexpr std::string_view k_name_context = "purser store name 1";
constexpr std::string_view k_secret_context = "purser store secret 1";

FieldList secret_context(const RecordName& name, std::string_view username)
{
  FieldList context;
  context.add(k_secret_context).add(name.space).add(name.key).add(username);
  return context;
}

Error damaged(std::string_view how)
{
  return {Errc::protocol_error, std::string(how)};
}

// The fields that a sealed name consists of.
Result<std::array<std::string, 3>> open_name(Opener& opener, std::string_view sealed)
{
  constexpr std::size_t k_field_size_width = 8; // see FieldList
  const auto opened = opener.open(sealed, k_name_context);
  if (!opened) return damaged("has a damaged record");
  ByteReader reader(opened->reveal());
  std::array<std::string, 3> fields;
  for (auto& field : fields) {
    const auto read = reader.sized(k_field_size_width);
    if (!read) return damaged("has a damaged name");
    field = *read;
  }
  if (!reader.at_end()) return damaged("has a damaged name");
  return fields;
}

SharedBytes kept(const std::shared_ptr<const void>& owner, std::string_view piece)
{
  return owner ? SharedBytes(owner, piece) : SharedBytes(std::string(piece));
}

Result<SealedRecords> decode_records(const SealingKey& key,
                                     ByteReader reader,
                                     std::uint64_t count,
                                     const std::shared_ptr<const void>& owner)
{
  SealedRecords records;
  Opener opener(key);
  for (; count > 0; --count) {
    const auto sealed_name = reader.sized(4);
    const auto sealed_secret = reader.sized(4);
    if (!sealed_name || !sealed_secret) return damaged("has a damaged record");
    auto fields = open_name(opener, *sealed_name);
    if (!fields) return fields.error();
    auto& [space, name, username] = *fields;
    const auto [at, added] = records.try_emplace(
        RecordName(std::move(space), std::move(name)),
        SealedRecord(std::move(username), kept(owner, *sealed_name), kept(owner, *sealed_secret)));
    if (!added) return damaged("has a record twice");
  }
  if (!reader.at_end()) return damaged("has something behind its records");
  return records;
}

} // namespace

SealedRecord
seal_record(const SealingKey& key, const RecordName& name, const Credential& credential)
{
  FieldList fields;
  fields.add(name.space).add(name.key).add(credential.username);
  const auto context = secret_context(name, credential.username);
  return {credential.username, SharedBytes(key.seal(fields.text(), k_name_context)),
          SharedBytes(key.seal(credential.secret.reveal(), context.text()))};
}

Result<Secret>
open_secret(const SealingKey& key, const RecordName& name, const SealedRecord& record)
{
  const auto context = secret_context(name, record.username);
  return key.open(record.sealed_secret.view(), context.text());
}

std::string store_key_id(const SealingKey& key)
{
  return key.digest("purser store key id").substr(0, k_key_id_size);
}

std::optional<std::string> key_id_in(std::string_view bytes)
{
  ByteReader head(bytes);
  if (head.take(k_magic.size()) != k_magic) return std::nullopt;
  const auto id = head.take(k_key_id_size);
  return id ? std::optional(std::string(*id)) : std::nullopt;
}

std::optional<std::pair<RecordName, std::string>> open_record_name(const SealingKey& key,
                                                                   std::string_view sealed_name)
{
  Opener opener(key);
  auto fields = open_name(opener, sealed_name);
  if (!fields) return std::nullopt;
  auto& [space, name, username] = *fields;
  return std::pair(RecordName(std::move(space), std::move(name)), std::move(username));
}

std::string encode_store(const SealingKey& key, const SealedRecords& records)
{
  std::string out(k_magic);
  out += store_key_id(key);
  append_number(out, records.size(), k_count_width);
  for (const auto& [name, record] : records) {
    append_sized(out, record.sealed_name.view());
    append_sized(out, record.sealed_secret.view());
  }
  out += key.digest(out);
  return out;
}

void share_encoded(SealedRecords& records, const std::shared_ptr<const std::string>& encoded)
{
  ByteReader reader(std::string_view(*encoded).substr(k_head_size + k_count_width));
  for (auto& [name, record] : records) {
    record.sealed_name = SharedBytes(encoded, reader.sized(4).value_or(""));
    record.sealed_secret = SharedBytes(encoded, reader.sized(4).value_or(""));
  }
}

Result<SealedRecords> decode_store(const SealingKey& key,
                                   std::string_view bytes,
                                   const std::shared_ptr<const void>& owner)
{
  ByteReader head(bytes);
  const auto magic = head.take(k_magic.size());
  if (!magic) return damaged(bytes.empty() ? "is empty" : "is cut short");
  if (magic->substr(0, k_magic_word) != k_magic.substr(0, k_magic_word))
    return damaged("is no file of purser's");
  if (*magic != k_magic) return damaged("is of another version of purser");

  const auto key_id = head.take(k_key_id_size);
  if (!key_id) return damaged("is cut short");
  if (*key_id != store_key_id(key)) return Error{Errc::misconfigured, "is sealed with another key"};

  if (bytes.size() < k_head_size + k_count_width + SealingKey::k_size)
    return damaged("is cut short");
  const auto covered = bytes.substr(0, bytes.size() - SealingKey::k_size);
  const auto digest = key.digest(covered);
  if (CRYPTO_memcmp(digest.data(), bytes.data() + covered.size(), digest.size()) != 0)
    return damaged("is damaged or cut short");

  ByteReader body(covered.substr(k_head_size));
  const auto count = body.number(k_count_width);
  return decode_records(key, body, count.value_or(0), owner);
}

} // namespace purser
