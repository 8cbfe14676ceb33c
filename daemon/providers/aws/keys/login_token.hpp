#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/providers/aws/aws_keys.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

// The session of `aws login` in the file that the aws command shares with all tools. Source:
// the AWS SDKs and Tools Reference Guide, "Login credentials provider", and botocore.
namespace purser::aws {

struct LoginToken {
  AwsKeys keys; // the access token is a set of keys that live 15 minutes
  WallTime expires_at{};
  Secret refresh_token;
  std::string client_id;
  Secret dpop_key; // PEM

  [[nodiscard]] bool same_as(const LoginToken& other) const
  {
    return refresh_token == other.refresh_token;
  }
};

// The name of a session's file in the folder of all.
[[nodiscard]] std::string login_token_file(std::string_view session);

// What the file holds; nothing where there is none. Blocks. misconfigured where it cannot be
// read, or holds something else; names the file.
[[nodiscard]] Result<std::optional<LoginToken>> read_login_token(const std::string& path);

// What the file holds with the keys and the refresh token of `renewed` in place of `old`: see
// edited_session_file(). Blocks.
[[nodiscard]] Result<std::optional<Secret>>
edited_login_file(const std::string& path, const LoginToken& old, const LoginToken& renewed);

} // namespace purser::aws
