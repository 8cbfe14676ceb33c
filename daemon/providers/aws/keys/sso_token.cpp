#include "daemon/providers/aws/keys/sso_token.hpp"

#include "daemon/formats/iso_time.hpp"
#include "daemon/providers/aws/keys/session_file.hpp"

#include <openssl/evp.h>

namespace purser::aws {

std::string sso_token_file(std::string_view session_or_url)
{
  return ".aws/sso/cache/" + session_file_name(session_or_url, EVP_sha1());
}

Result<std::optional<SsoToken>> read_sso_token(const std::string& path)
{
  const auto file = read_session_file(path);
  if (!file) return file.error();
  if (!*file || !(*file)->is_object()) return std::optional<SsoToken>{};
  const WipedJson& json = **file;
  const auto access = json.text("accessToken");
  const auto expires_at = parse_iso_time(json.text("expiresAt"));
  if (access.empty() || !expires_at) return std::optional<SsoToken>{};
  SsoToken token;
  token.access_token = Secret(access);
  token.expires_at = *expires_at;
  token.refresh_token = Secret(json.text("refreshToken"));
  token.client_id = json.text("clientId");
  token.client_secret = Secret(json.text("clientSecret"));
  token.registered_until = parse_iso_time(json.text("registrationExpiresAt"));
  return std::optional(std::move(token));
}

Result<std::optional<Secret>>
edited_sso_file(const std::string& path, const SsoToken& old, const RenewedSsoToken& token)
{
  const auto edit = [&token](nlohmann::json& json) {
    json["accessToken"] = std::string(token.access_token.reveal());
    json["expiresAt"] = iso_text(token.expires_at);
    if (token.refresh_token.empty())
      json.erase("refreshToken");
    else
      json["refreshToken"] = std::string(token.refresh_token.reveal());
  };
  return edited_session_file(path, old.refresh_token, edit);
}

} // namespace purser::aws
