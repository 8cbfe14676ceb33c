#include "daemon/providers/aws/keys/login_token.hpp"

#include "daemon/formats/iso_time.hpp"
#include "daemon/providers/aws/keys/session_file.hpp"

#include <openssl/evp.h>

#include <utility>

namespace purser::aws {
namespace {

constexpr const char* k_access = "accessToken";

std::optional<LoginToken> parse(const WipedJson& json)
{
  if (!json.is_object()) return std::nullopt;
  const auto id = json.text(k_access, "accessKeyId");
  const auto secret = json.text(k_access, "secretAccessKey");
  const auto session = json.text(k_access, "sessionToken");
  const auto expires_at = parse_iso_time(json.text(k_access, "expiresAt"));
  if (id.empty() || secret.empty() || session.empty() || !expires_at) return std::nullopt;
  auto keys = make_keys(KeyTexts{id, secret, session}, "the file");
  if (!keys || !*keys) return std::nullopt;
  LoginToken token;
  token.keys = std::move(**keys);
  token.expires_at = *expires_at;
  token.refresh_token = Secret(json.text("refreshToken"));
  token.client_id = json.text("clientId");
  token.dpop_key = Secret(json.text("dpopKey"));
  if (token.refresh_token.empty() || token.client_id.empty() || token.dpop_key.empty())
    return std::nullopt;
  return token;
}

} // namespace

std::string login_token_file(std::string_view session)
{
  return session_file_name(session, EVP_sha256());
}

Result<std::optional<LoginToken>> read_login_token(const std::string& path)
{
  const auto file = read_session_file(path);
  if (!file) return file.error();
  if (!*file) return std::optional<LoginToken>{};
  auto token = parse(**file);
  if (!token) return Error{Errc::misconfigured, path + " holds no session of \"aws login\""};
  return token;
}

Result<std::optional<Secret>>
edited_login_file(const std::string& path, const LoginToken& old, const LoginToken& renewed)
{
  const auto edit = [&renewed](nlohmann::json& json) {
    auto& access = json[k_access];
    access["accessKeyId"] = renewed.keys.access_key_id;
    access["secretAccessKey"] = std::string(renewed.keys.secret.reveal());
    access["sessionToken"] = std::string(renewed.keys.session_token.reveal());
    access["expiresAt"] = iso_text(renewed.expires_at);
    json["refreshToken"] = std::string(renewed.refresh_token.reveal());
  };
  return edited_session_file(path, old.refresh_token, edit);
}

} // namespace purser::aws
