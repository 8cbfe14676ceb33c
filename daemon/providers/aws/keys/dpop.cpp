#include "daemon/providers/aws/keys/dpop.hpp"

#include "daemon/formats/base64url.hpp"
#include "daemon/seal/openssl_handles.hpp"

#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

namespace purser::aws {
namespace {

using openssl::Free;

using Bio = std::unique_ptr<BIO, Free<BIO_free_all>>;
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Number = std::unique_ptr<BIGNUM, Free<BN_clear_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Free<EVP_MD_CTX_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Free<ECDSA_SIG_free>>;

constexpr int k_coordinate = 32; // bytes of a number of P-256

// OpenSSL would ask a terminal for the password of a key that has one.
int no_password(char* /*buffer*/, int /*size*/, int /*writing*/, void* /*user*/)
{
  return -1;
}

// Null where it is none, or on another curve.
Key read_key(const Secret& pem)
{
  const auto text = pem.reveal();
  const Bio source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (!source) return nullptr;
  Key key(PEM_read_bio_PrivateKey(source.get(), nullptr, no_password, nullptr));
  std::array<char, 32> group{};
  if (!key || EVP_PKEY_get_utf8_string_param(key.get(), OSSL_PKEY_PARAM_GROUP_NAME, group.data(),
                                             group.size(), nullptr) != 1)
    return nullptr;
  return std::string_view(group.data()) == SN_X9_62_prime256v1 ? std::move(key) : nullptr;
}

// Big-endian, of the full width; empty where it does not fit.
std::string padded(const BIGNUM* number)
{
  std::array<unsigned char, k_coordinate> bytes{};
  if (BN_bn2binpad(number, bytes.data(), k_coordinate) != k_coordinate) return {};
  return {bytes.begin(), bytes.end()};
}

std::string coordinate(const Key& key, const char* name)
{
  BIGNUM* number = nullptr;
  if (EVP_PKEY_get_bn_param(key.get(), name, &number) != 1) return {};
  const Number owned(number);
  return padded(owned.get());
}

// r and s, one after the other; empty where OpenSSL fails.
std::string sign(const Key& key, std::string_view text)
{
  const Digest digest(EVP_MD_CTX_new());
  if (!digest || EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1)
    return {};
  const auto* const bytes = openssl::bytes(text);
  std::size_t size = 0;
  if (EVP_DigestSign(digest.get(), nullptr, &size, bytes, text.size()) != 1) return {};
  std::vector<unsigned char> der(size);
  if (EVP_DigestSign(digest.get(), der.data(), &size, bytes, text.size()) != 1) return {};
  const unsigned char* begin = der.data();
  const Signature signature(d2i_ECDSA_SIG(nullptr, &begin, static_cast<long>(size)));
  if (!signature) return {};
  return padded(ECDSA_SIG_get0_r(signature.get())) + padded(ECDSA_SIG_get0_s(signature.get()));
}

std::string encoded(const nlohmann::ordered_json& json)
{
  return encode_base64url(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

std::string header_of(const std::string& x, const std::string& y)
{
  nlohmann::ordered_json jwk;
  jwk["kty"] = "EC";
  jwk["x"] = encode_base64url(x);
  jwk["y"] = encode_base64url(y);
  jwk["crv"] = "P-256";
  nlohmann::ordered_json header;
  header["typ"] = "dpop+jwt";
  header["alg"] = "ES256";
  header["jwk"] = std::move(jwk);
  return encoded(header);
}

std::string claims_of(std::string_view url, WallTime now, std::string_view id)
{
  nlohmann::ordered_json claims;
  claims["htm"] = "POST";
  claims["htu"] = url;
  claims["iat"] = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  claims["jti"] = id;
  return encoded(claims);
}

} // namespace

Result<std::string>
dpop_proof(const Secret& pem, std::string_view url, WallTime now, std::string_view id)
{
  const Error unusable{Errc::misconfigured, "holds no usable private key (dpopKey)"};
  const auto key = read_key(pem);
  if (!key) return unusable;
  const auto x = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_X);
  const auto y = coordinate(key, OSSL_PKEY_PARAM_EC_PUB_Y);
  if (x.empty() || y.empty()) return unusable;
  std::string proof = header_of(x, y) + "." + claims_of(url, now, id);
  const auto signature = sign(key, proof);
  if (signature.size() != std::size_t{2} * k_coordinate) return unusable;
  return proof + "." + encode_base64url(signature);
}

} // namespace purser::aws
