#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser::aws {

// What requests to AWS are signed with. The key id is no secret, but it says whose keys
// these are: it stays out of logs and errors all the same.
struct AwsKeys {
  AwsKeys() = default;
  AwsKeys(std::string id, Secret s, Secret t)
    : access_key_id(std::move(id)), secret(std::move(s)), session_token(std::move(t))
  {
  }

  std::string access_key_id;
  Secret secret;
  Secret session_token; // empty for keys without an end
};

// What stands in one place (the environment, a profile) about keys.
struct KeyTexts {
  std::optional<std::string_view> access_key_id;
  std::optional<std::string_view> secret;
  std::optional<std::string_view> session_token;
};

// Nothing where neither the id nor the secret is there. misconfigured where only one is, or
// one has characters that no key has; `where` begins the error.
[[nodiscard]] Result<std::optional<AwsKeys>> make_keys(const KeyTexts& texts,
                                                       std::string_view where);

} // namespace purser::aws
