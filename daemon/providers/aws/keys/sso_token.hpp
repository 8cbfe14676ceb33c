#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

// The session of IAM Identity Center in the file that the aws command shares with all
// tools. Source: the AWS SDKs and Tools Reference Guide, "SSO token provider".
namespace purser::aws {

struct SsoToken {
  Secret access_token;
  WallTime expires_at{};
  // What a new token is asked for with; empty where it cannot be renewed.
  Secret refresh_token;
  std::string client_id;
  Secret client_secret;
  std::optional<WallTime> registered_until;

  [[nodiscard]] bool renewable(WallTime now) const
  {
    return !refresh_token.empty() && !client_id.empty() && !client_secret.empty() &&
           (!registered_until || now < *registered_until);
  }
  [[nodiscard]] bool same_as(const SsoToken& other) const
  {
    return access_token == other.access_token;
  }
};

// The file of a session, or of a start URL in the older form, below the home folder.
[[nodiscard]] std::string sso_token_file(std::string_view session_or_url);

// What the file holds; nothing where there is none, or nothing that could be used. Blocks.
// misconfigured where it cannot be read.
[[nodiscard]] Result<std::optional<SsoToken>> read_sso_token(const std::string& path);

// What was issued in exchange for a refresh token.
struct RenewedSsoToken {
  Secret access_token;
  WallTime expires_at{};
  Secret refresh_token; // empty: it cannot be renewed again
};

// What the file holds with it in place of `old`: see edited_session_file(). Blocks.
[[nodiscard]] Result<std::optional<Secret>>
edited_sso_file(const std::string& path, const SsoToken& old, const RenewedSsoToken& token);

} // namespace purser::aws
