#pragma once

#include "daemon/formats/base64url.hpp"

#include <string>
#include <string_view>

namespace purser::test {

// A token of these claims that nobody signed.
inline std::string jwt(std::string_view claims, std::string_view signature = "ZmFrZQ")
{
  return encode_base64url(R"({"alg":"RS256"})") + "." + encode_base64url(claims) + "." +
         std::string(signature);
}

} // namespace purser::test
