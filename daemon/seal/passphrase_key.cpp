#include "daemon/seal/passphrase_key.hpp"

#include "daemon/seal/openssl_handles.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <openssl/err.h>

#include <array>
#include <span>

namespace purser {
namespace {

constexpr std::uint32_t k_max_log2_n = 24;
constexpr std::uint32_t k_max_factor = 64; // of r and p

bool acceptable(const ScryptCost& cost)
{
  if (cost.log2_n == 0 || cost.log2_n > k_max_log2_n) return false;
  if (cost.r == 0 || cost.r > k_max_factor || cost.p == 0 || cost.p > k_max_factor) return false;
  return (std::uint64_t{128} * cost.r << cost.log2_n) <= k_max_scrypt_memory;
}

// Not written to by those that take parameters; the interface is older than const.
OSSL_PARAM bytes_parameter(const char* name, std::string_view value)
{
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
}

} // namespace

Result<Secret>
key_from_passphrase(const Secret& passphrase, std::string_view salt, const ScryptCost& cost)
{
  if (!acceptable(cost)) return Error{Errc::protocol_error, "costs what no passphrase should"};
  EVP_KDF* const algorithm = EVP_KDF_fetch(nullptr, "SCRYPT", nullptr);
  const openssl::Kdf scrypt(algorithm == nullptr ? nullptr : EVP_KDF_CTX_new(algorithm));
  EVP_KDF_free(algorithm);

  std::uint64_t n = std::uint64_t{1} << cost.log2_n;
  std::uint32_t r = cost.r;
  std::uint32_t p = cost.p;
  std::uint64_t most = 2 * k_max_scrypt_memory; // its own blocks besides
  const std::array parameters{bytes_parameter(OSSL_KDF_PARAM_PASSWORD, passphrase.reveal()),
                              bytes_parameter(OSSL_KDF_PARAM_SALT, salt),
                              OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
                              OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
                              OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
                              OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &most),
                              OSSL_PARAM_construct_end()};
  bool worked = false;
  Secret key = Secret::filled(SealingKey::k_size, [&](std::span<char> out) {
    worked = scrypt && EVP_KDF_derive(scrypt.get(), openssl::bytes(out.data()), out.size(),
                                      parameters.data()) == 1;
  });
  if (worked) return key;
  ERR_clear_error();
  return with_remedy(
      {Errc::transient, "there is not enough memory to check a passphrase; try again later"});
}

} // namespace purser
