#include "daemon/providers/aws/keys/sso_messages.hpp"

#include "daemon/formats/wiped_json.hpp"
#include "daemon/http/url.hpp"

#include <utility>

namespace purser::aws {
namespace {

constexpr long long k_longest_token = 24LL * 3600 * 90;
constexpr long long k_last_millisecond = 7'258'118'400'000; // the year 2200

Error not_understood(std::string_view of)
{
  return Error{Errc::protocol_error, "the answer of " + std::string(of) + " has no credentials"};
}

} // namespace

HttpRequest
role_credentials_request(std::string url, const SsoSession& session, const Secret& access_token)
{
  HttpRequest request("GET", std::move(url) + "federation/credentials?role_name=" +
                                 percent_encoded(session.role_name) +
                                 "&account_id=" + percent_encoded(session.account_id));
  request.headers.push_back(
      HttpHeader{"x-amz-sso_bearer_token", std::string(access_token.reveal())});
  request.headers.push_back(HttpHeader{"Accept", "application/json"});
  return request;
}

Result<IssuedKeys> parse_role_credentials(std::string_view body)
{
  constexpr const char* k_outer = "roleCredentials";
  const WipedJson json(body);
  if (!json.is_object()) return not_understood("the SSO portal");
  const auto id = json.text(k_outer, "accessKeyId");
  const auto secret = json.text(k_outer, "secretAccessKey");
  const auto token = json.text(k_outer, "sessionToken");
  const auto expiration = json.number(k_outer, "expiration");
  if (id.empty() || secret.empty() || token.empty() || !expiration || *expiration <= 0 ||
      *expiration > k_last_millisecond)
    return not_understood("the SSO portal");
  auto keys = make_keys(KeyTexts{id, secret, token}, "the answer");
  if (!keys || !*keys) return not_understood("the SSO portal");
  return IssuedKeys(std::move(**keys), WallTime(std::chrono::milliseconds(*expiration)));
}

HttpRequest create_token_request(std::string url, const SsoToken& token)
{
  HttpRequest request("POST", std::move(url) + "token");
  request.headers.push_back(HttpHeader{"Content-Type", "application/json"});
  nlohmann::json body;
  body["clientId"] = token.client_id;
  body["clientSecret"] = std::string(token.client_secret.reveal());
  body["grantType"] = "refresh_token";
  body["refreshToken"] = std::string(token.refresh_token.reveal());
  request.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return request;
}

Result<RenewedSsoToken> parse_created_token(std::string_view body, WallTime now)
{
  const WipedJson json(body);
  if (!json.is_object()) return not_understood("the SSO OIDC service");
  const auto access = json.text("accessToken");
  const auto life = json.number("expiresIn");
  if (access.empty() || !life || *life <= 0 || *life > k_longest_token)
    return not_understood("the SSO OIDC service");
  RenewedSsoToken token;
  token.access_token = Secret(access);
  token.expires_at = now + std::chrono::seconds(*life);
  token.refresh_token = Secret(json.text("refreshToken"));
  return token;
}

} // namespace purser::aws
