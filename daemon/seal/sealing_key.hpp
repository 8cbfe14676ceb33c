#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "common/wiping.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace purser {

// A 256-bit key, and what it does: AES-256-GCM with random 96-bit nonces
// (NIST SP 800-38D; good for 2^32 messages a key), and HMAC-SHA-256 (RFC 2104).
// Two keys, one for each, are derived from the given one (HKDF-SHA-256, RFC 5869,
// no salt, the infos "purser seal 1" and "purser digest 1").
//
// The keys lie where a Secret does; what OpenSSL makes of them exists during a call
// only. Several threads may use one key at once. Throws std::bad_alloc where the
// arena is full.
class SealingKey {
public:
  static constexpr std::size_t k_size = 32;     // bytes of a key, and of a digest
  static constexpr std::size_t k_overhead = 28; // bytes that a sealed text is longer: nonce and tag

  // A key that nobody else has. Ends the process where the system has no randomness.
  [[nodiscard]] static SealingKey random();
  // misconfigured unless `bytes` are k_size bytes.
  [[nodiscard]] static Result<SealingKey> from_bytes(const Secret& bytes);

  // nonce, cipher text, tag. `context` is authenticated, not contained: open() needs
  // the same, so that a record cannot be passed off as another.
  [[nodiscard]] std::string seal(std::string_view plain, std::string_view context) const;
  // protocol_error unless `sealed` came from seal() of this key and `context`.
  [[nodiscard]] Result<Secret> open(std::string_view sealed, std::string_view context) const;

  // k_size bytes: the same for the same text and key, and telling nothing else of it.
  [[nodiscard]] std::string digest(std::string_view text) const;

private:
  friend class Digester;
  friend class Opener;
  SealingKey(Secret seal_key, Secret digest_key);

  Secret seal_key_;
  Secret digest_key_;
};

// Opens many texts of one key, which is prepared for that once. For one piece of work:
// meanwhile what OpenSSL made of the key lies on the ordinary heap.
class Opener {
public:
  // `key` outlives it.
  explicit Opener(const SealingKey& key);
  ~Opener();
  Opener(const Opener&) = delete;
  Opener& operator=(const Opener&) = delete;

  // As SealingKey::open().
  [[nodiscard]] Result<Secret> open(std::string_view sealed, std::string_view context);

private:
  struct Cipher;
  std::unique_ptr<Cipher> cipher_;
};

// The digest of a text that comes in pieces. For one piece of work, like an Opener.
class Digester {
public:
  explicit Digester(const SealingKey& key);
  ~Digester();
  Digester(const Digester&) = delete;
  Digester& operator=(const Digester&) = delete;

  void add(std::string_view piece);
  // As SealingKey::digest() of all that was added. Once, and at the end.
  [[nodiscard]] std::string digest();

private:
  struct Mac;
  std::unique_ptr<Mac> mac_;
};

// k_size bytes from the system's generator, for a new key. Ends the process where the
// system has no randomness.
[[nodiscard]] Secret random_key_bytes();

// Fields, one after the other so that no two lists of fields give the same text:
// each is preceded by its length (8 bytes, little-endian). For digests. Wiped.
class FieldList {
public:
  FieldList& add(std::string_view field);
  [[nodiscard]] std::string_view text() const { return {bytes_.data(), bytes_.size()}; }

private:
  WipingBuffer bytes_;
};

} // namespace purser
