#include "daemon/providers/aws/keys/login_messages.hpp"

#include "daemon/formats/wiped_json.hpp"

#include <algorithm>
#include <utility>

namespace purser::aws {
namespace {

constexpr long long k_longest_life = 12LL * 3600; // AWS gives 15 minutes
constexpr std::size_t k_longest_word = 64;

Error not_understood()
{
  return Error{Errc::protocol_error, "the answer of AWS Sign-In has no credentials"};
}

} // namespace

HttpRequest login_token_request(std::string url, const LoginToken& token, std::string proof)
{
  HttpRequest request("POST", std::move(url));
  request.headers.push_back(HttpHeader{"Content-Type", "application/json"});
  request.headers.push_back(HttpHeader{"DPoP", std::move(proof)});
  nlohmann::json body;
  body["clientId"] = token.client_id;
  body["grantType"] = "refresh_token";
  body["refreshToken"] = std::string(token.refresh_token.reveal());
  request.body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  return request;
}

Result<LoginToken> parse_login_token(std::string_view body, WallTime now)
{
  constexpr const char* k_access = "accessToken";
  const WipedJson json(body);
  if (!json.is_object()) return not_understood();
  const auto id = json.text(k_access, "accessKeyId");
  const auto secret = json.text(k_access, "secretAccessKey");
  const auto session = json.text(k_access, "sessionToken");
  const auto refresh = json.text("refreshToken");
  const auto life = json.number("expiresIn");
  if (id.empty() || secret.empty() || session.empty() || refresh.empty()) return not_understood();
  if (!life || *life <= 0 || *life > k_longest_life) return not_understood();
  auto keys = make_keys(KeyTexts{id, secret, session}, "the answer");
  if (!keys || !*keys) return not_understood();
  LoginToken token;
  token.keys = std::move(**keys);
  token.expires_at = now + std::chrono::seconds(*life);
  token.refresh_token = Secret(refresh);
  return token;
}

std::string login_refusal(std::string_view body)
{
  const WipedJson json(body);
  const auto word = json.is_object() ? json.text("error") : std::string_view{};
  const bool plain =
      word.size() <= k_longest_word && std::all_of(word.begin(), word.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
      });
  return plain ? std::string(word) : std::string();
}

} // namespace purser::aws
