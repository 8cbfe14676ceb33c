#include "daemon/registry/basic_authorization.hpp"

#include <openssl/evp.h>

#include <cstddef>

namespace purser {

WipingBuffer basic_authorization(std::string_view username, const Secret& secret)
{
  constexpr std::string_view k_scheme = "Basic ";
  WipingBuffer plain;
  plain.reserve(username.size() + 1 + secret.reveal().size());
  append(plain, username);
  plain.push_back(':');
  append(plain, secret.reveal());
  WipingBuffer value;
  append(value, k_scheme);
  value.resize(k_scheme.size() + (plain.size() + 2) / 3 * 4 + 1); // EVP_EncodeBlock adds a NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(value.data() + k_scheme.size()),
                                   reinterpret_cast<const unsigned char*>(plain.data()),
                                   static_cast<int>(plain.size()));
  value.resize(k_scheme.size() + static_cast<std::size_t>(size));
  return value;
}

} // namespace purser
