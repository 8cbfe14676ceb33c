#include "daemon/seal/sealing_key.hpp"

#include "daemon/seal/openssl_handles.hpp"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <limits>
#include <new>
#include <stdexcept>
#include <utility>

namespace purser {
namespace {

using openssl::bytes;

constexpr std::size_t k_nonce_size = 12;
constexpr std::size_t k_tag_size = 16;
static_assert(SealingKey::k_overhead == k_nonce_size + k_tag_size);

// With fixed algorithms and valid sizes, OpenSSL fails for want of memory only.
void need(bool worked)
{
  if (worked) return;
  ERR_clear_error();
  throw std::bad_alloc();
}

int openssl_size(std::size_t size)
{
  if (size > static_cast<std::size_t>(std::numeric_limits<int>::max()))
    throw std::length_error("too long to seal");
  return static_cast<int>(size);
}

[[noreturn]] void end_without_randomness()
{
  spdlog::critical("the system has no randomness: no key can be made");
  std::abort();
}

// Looked up once a process: a look-up costs as much as sealing a token. Never freed.
EVP_CIPHER* aes_256_gcm()
{
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  need(cipher != nullptr);
  return cipher;
}

OSSL_PARAM text_parameter(const char* name, const char* value)
{
  // Not written to by those that take parameters; the interface is older than const.
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

OSSL_PARAM bytes_parameter(const char* name, std::string_view value)
{
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

// HMAC-SHA-256 without a key.
openssl::Mac make_hmac()
{
  EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  need(algorithm != nullptr);
  openssl::Mac hmac(EVP_MAC_CTX_new(algorithm));
  EVP_MAC_free(algorithm);
  const std::array parameters{text_parameter(OSSL_MAC_PARAM_DIGEST, "SHA256"),
                              OSSL_PARAM_construct_end()};
  need(hmac && EVP_MAC_CTX_set_params(hmac.get(), parameters.data()) == 1);
  return hmac;
}

// Made once a thread: that costs more than a short digest.
EVP_MAC_CTX* hmac_of_this_thread()
{
  thread_local const openssl::Mac hmac = make_hmac();
  return hmac.get();
}

// HKDF-SHA-256 without salt.
Secret derive(std::string_view key, std::string_view info)
{
  EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  need(algorithm != nullptr);
  const openssl::Kdf hkdf(EVP_KDF_CTX_new(algorithm));
  EVP_KDF_free(algorithm);
  const std::array parameters{
      text_parameter(OSSL_KDF_PARAM_DIGEST, "SHA256"), bytes_parameter(OSSL_KDF_PARAM_KEY, key),
      bytes_parameter(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  return Secret::filled(SealingKey::k_size, [&hkdf, &parameters](std::span<char> derived) {
    need(hkdf &&
         EVP_KDF_derive(hkdf.get(), bytes(derived.data()), derived.size(), parameters.data()) == 1);
  });
}

Error not_ours()
{
  return {Errc::protocol_error, "sealed text is damaged or of another key"};
}

} // namespace

// OpenSSL's own generator takes half a millisecond to begin with, at every start.
Secret random_key_bytes()
{
  return Secret::filled(SealingKey::k_size, [](std::span<char> key) {
    if (::getentropy(key.data(), key.size()) != 0) end_without_randomness();
  });
}

SealingKey::SealingKey(Secret seal_key, Secret digest_key)
  : seal_key_(std::move(seal_key)), digest_key_(std::move(digest_key))
{
}

SealingKey SealingKey::random()
{
  return from_bytes(random_key_bytes()).value();
}

Result<SealingKey> SealingKey::from_bytes(const Secret& key)
{
  const auto given = key.reveal();
  if (given.size() != k_size) return Error{Errc::misconfigured, "a key must have 32 bytes"};
  return SealingKey(derive(given, "purser seal 1"), derive(given, "purser digest 1"));
}

std::string SealingKey::seal(std::string_view plain, std::string_view context) const
{
  std::string sealed(plain.size() + k_overhead, '\0');
  auto* const nonce = bytes(sealed.data());
  auto* const text = nonce + k_nonce_size;
  if (RAND_bytes(nonce, k_nonce_size) != 1) end_without_randomness();

  const openssl::Cipher cipher(EVP_CIPHER_CTX_new());
  auto* const c = cipher.get();
  int written = 0;
  need(c != nullptr &&
       EVP_EncryptInit_ex2(c, aes_256_gcm(), bytes(seal_key_.reveal()), nonce, nullptr) == 1 &&
       EVP_EncryptUpdate(c, nullptr, &written, bytes(context), openssl_size(context.size())) == 1 &&
       EVP_EncryptUpdate(c, text, &written, bytes(plain), openssl_size(plain.size())) == 1 &&
       EVP_EncryptFinal_ex(c, text + plain.size(), &written) == 1 &&
       EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, k_tag_size, text + plain.size()) == 1);
  return sealed;
}

Result<Secret> SealingKey::open(std::string_view sealed, std::string_view context) const
{
  return Opener(*this).open(sealed, context);
}

struct Opener::Cipher {
  openssl::Cipher context{EVP_CIPHER_CTX_new()};
};

Opener::Opener(const SealingKey& key) : cipher_(std::make_unique<Cipher>())
{
  auto* const c = cipher_->context.get();
  need(c != nullptr &&
       EVP_DecryptInit_ex2(c, aes_256_gcm(), bytes(key.seal_key_.reveal()), nullptr, nullptr) == 1);
}

Opener::~Opener() = default;

Result<Secret> Opener::open(std::string_view sealed, std::string_view context)
{
  if (sealed.size() < SealingKey::k_overhead) return not_ours();
  const auto nonce = sealed.substr(0, k_nonce_size);
  const auto text = sealed.substr(k_nonce_size, sealed.size() - SealingKey::k_overhead);
  std::array<char, k_tag_size> tag{};
  sealed.copy(tag.data(), tag.size(), sealed.size() - k_tag_size);

  auto* const c = cipher_->context.get();
  int written = 0;
  need(EVP_DecryptInit_ex2(c, nullptr, nullptr, bytes(nonce), nullptr) == 1 &&
       EVP_DecryptUpdate(c, nullptr, &written, bytes(context), openssl_size(context.size())) == 1);
  bool authentic = false;
  Secret plain = Secret::filled(text.size(), [&](std::span<char> out) {
    need(out.empty() || EVP_DecryptUpdate(c, bytes(out.data()), &written, bytes(text),
                                          openssl_size(text.size())) == 1);
    need(EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, k_tag_size, tag.data()) == 1);
    std::array<unsigned char, k_tag_size> rest{}; // stays empty: GCM has no padding
    authentic = EVP_DecryptFinal_ex(c, rest.data(), &written) == 1;
  });
  if (authentic) return plain;
  ERR_clear_error();
  return not_ours();
}

std::string SealingKey::digest(std::string_view text) const
{
  constexpr std::array<unsigned char, k_size> k_no_key{};
  auto* const hmac = hmac_of_this_thread();
  const auto key = digest_key_.reveal();
  std::string digest(k_size, '\0');
  std::size_t size = 0;
  const bool worked = EVP_MAC_init(hmac, bytes(key), key.size(), nullptr) == 1 &&
                      EVP_MAC_update(hmac, bytes(text), text.size()) == 1 &&
                      EVP_MAC_final(hmac, bytes(digest.data()), &size, digest.size()) == 1 &&
                      size == k_size;
  const bool forgotten = EVP_MAC_init(hmac, k_no_key.data(), k_no_key.size(), nullptr) == 1;
  need(worked && forgotten);
  return digest;
}

struct Digester::Mac {
  openssl::Mac hmac = make_hmac();
};

Digester::Digester(const SealingKey& key) : mac_(std::make_unique<Mac>())
{
  const auto secret = key.digest_key_.reveal();
  need(EVP_MAC_init(mac_->hmac.get(), bytes(secret), secret.size(), nullptr) == 1);
}

Digester::~Digester() = default;

void Digester::add(std::string_view piece)
{
  need(EVP_MAC_update(mac_->hmac.get(), bytes(piece), piece.size()) == 1);
}

std::string Digester::digest()
{
  std::string digest(SealingKey::k_size, '\0');
  std::size_t size = 0;
  need(EVP_MAC_final(mac_->hmac.get(), bytes(digest.data()), &size, digest.size()) == 1 &&
       size == SealingKey::k_size);
  return digest;
}

} // namespace purser
