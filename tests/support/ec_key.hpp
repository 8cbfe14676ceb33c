#pragma once

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>
#include <string>

namespace purser::test {

using EcKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

inline EcKey new_ec_key(const char* curve = "P-256")
{
  return {EVP_EC_gen(curve), EVP_PKEY_free};
}

// As the aws command writes it: `BEGIN EC PRIVATE KEY`. `password` empty: not encrypted.
inline std::string pem_of(const EcKey& key, std::string password = {})
{
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> bio(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_PrivateKey_traditional(bio.get(), key.get(),
                                       password.empty() ? nullptr : EVP_aes_128_cbc(), nullptr, 0,
                                       nullptr, password.empty() ? nullptr : password.data());
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

} // namespace purser::test
