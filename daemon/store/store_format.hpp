#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/credential_store.hpp"

#include <compare>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// The format of the sealed file, version 1. Numbers are little-endian.
//
//   16 bytes  magic: "purser store" and the version (4 bytes)
//   16 bytes  key id: the beginning of the digest of "purser store key id"
//    4 bytes  number of records
//   records   by namespace and key; each:
//               size (4 bytes) and the sealed name: a FieldList of namespace, key, user name;
//               its context is "purser store name 1"
//               size (4 bytes) and the sealed secret; its context is a FieldList of
//               "purser store secret 1", namespace, key, user name
//   32 bytes  digest of all before it
//
// Sealing and digests are SealingKey's. The last digest covers what the seals do not:
// that no record is missing, added, doubled or taken from an older file. An older
// file as a whole is still a valid one.
namespace purser {

struct RecordName {
  RecordName(std::string s, std::string k) : space(std::move(s)), key(std::move(k)) {}

  friend auto operator<=>(const RecordName&, const RecordName&) = default;

  std::string space;
  std::string key;
};

// Bytes of its own, or a piece of some that live as long as any piece of it.
class SharedBytes {
public:
  explicit SharedBytes(std::string text)
  {
    const auto own = std::make_shared<const std::string>(std::move(text));
    text_ = *own;
    owner_ = own;
  }
  // `piece` lives as long as `owner`.
  SharedBytes(std::shared_ptr<const void> owner, std::string_view piece)
    : owner_(std::move(owner)), text_(piece)
  {
  }

  [[nodiscard]] std::string_view view() const { return text_; }

private:
  std::shared_ptr<const void> owner_;
  std::string_view text_;
};

// A credential as it is kept: the secret is opened on use only.
struct SealedRecord {
  SealedRecord(std::string u, SharedBytes n, SharedBytes s)
    : username(std::move(u)), sealed_name(std::move(n)), sealed_secret(std::move(s))
  {
  }

  std::string username;
  SharedBytes sealed_name;
  SharedBytes sealed_secret;
};

using SealedRecords = std::map<RecordName, SealedRecord>;

// Of the whole file, and of the parts of one credential.
inline constexpr std::size_t k_max_store_size = std::size_t{16} << 20;
inline constexpr std::size_t k_max_stored_name = std::size_t{64} << 10;
inline constexpr std::size_t k_max_stored_secret = std::size_t{1} << 20;

[[nodiscard]] SealedRecord
seal_record(const SealingKey& key, const RecordName& name, const Credential& credential);
// protocol_error unless `record` came from seal_record() with this key and name.
[[nodiscard]] Result<Secret>
open_secret(const SealingKey& key, const RecordName& name, const SealedRecord& record);

// Tells keys apart without telling anything of them.
[[nodiscard]] std::string store_key_id(const SealingKey& key);

// The one that the head of a store names; nothing where there is no such head.
[[nodiscard]] std::optional<std::string> key_id_in(std::string_view bytes);

// The name and the user name of a record, by themselves; nothing where they do not open.
[[nodiscard]] std::optional<std::pair<RecordName, std::string>>
open_record_name(const SealingKey& key, std::string_view sealed_name);

[[nodiscard]] std::string encode_store(const SealingKey& key, const SealedRecords& records);
// Makes the records pieces of what encode_store() made of them, and lets go of what they shared
// before.
void share_encoded(SealedRecords& records, const std::shared_ptr<const std::string>& encoded);
// The records are pieces of `bytes` where `owner` keeps those, and copies where it is null.
// misconfigured where it was sealed with another key, protocol_error where it is
// damaged; `what` is half a sentence without a path: "is cut short".
[[nodiscard]] Result<SealedRecords> decode_store(const SealingKey& key,
                                                 std::string_view bytes,
                                                 const std::shared_ptr<const void>& owner = {});

} // namespace purser
