#pragma once

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <memory>
#include <string_view>

// Owners of OpenSSL's objects, and bytes as its functions want them. Only for sources that
// call OpenSSL, never for headers.
namespace purser::openssl {

template <auto free_function>
struct Free {
  template <class T>
  void operator()(T* object) const noexcept
  {
    free_function(object);
  }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, Free<EVP_CIPHER_CTX_free>>;
using Mac = std::unique_ptr<EVP_MAC_CTX, Free<EVP_MAC_CTX_free>>;
using Kdf = std::unique_ptr<EVP_KDF_CTX, Free<EVP_KDF_CTX_free>>;

inline const unsigned char* bytes(std::string_view text)
{
  return reinterpret_cast<const unsigned char*>(text.data());
}

inline unsigned char* bytes(char* text)
{
  return reinterpret_cast<unsigned char*>(text);
}

} // namespace purser::openssl
