#include "daemon/providers/aws/keys/metadata_messages.hpp"

#include "daemon/formats/iso_time.hpp"
#include "daemon/formats/wiped_json.hpp"

#include <utility>

namespace purser::aws {
namespace {

using namespace std::chrono_literals;

Error not_understood()
{
  return Error{Errc::protocol_error, "the answer has no credentials"};
}

} // namespace

Result<IssuedKeys> parse_metadata_keys(std::string_view body)
{
  const WipedJson json(body);
  if (!json.is_object()) return not_understood();
  if (const auto code = json.text("Code"); !code.empty() && code != "Success")
    return Error{Errc::transient, "the instance's role gives no credentials at the moment"};
  const auto id = json.text("AccessKeyId");
  const auto secret = json.text("SecretAccessKey");
  if (id.empty() || secret.empty()) return not_understood();
  KeyTexts texts{id, secret, std::nullopt};
  if (const auto token = json.text("Token"); !token.empty()) texts.session_token = token;
  auto keys = make_keys(texts, "the answer");
  if (!keys || !*keys) return not_understood();
  const auto expiration = json.text("Expiration");
  const auto expires_at = parse_iso_time(expiration);
  if (!expiration.empty() && !expires_at) return not_understood();
  return IssuedKeys(std::move(**keys), expires_at);
}

HttpRequest container_request(std::string url, std::string_view authorization)
{
  HttpRequest request("GET", std::move(url));
  request.headers.push_back(HttpHeader{"Accept", "application/json"});
  if (!authorization.empty())
    request.headers.push_back(HttpHeader{"Authorization", std::string(authorization)});
  request.connect_limit = 2s;
  request.limit = 5s;
  return request;
}

HttpRequest metadata_token_request(const std::string& base)
{
  HttpRequest request("PUT", base + "/latest/api/token");
  request.headers.push_back(HttpHeader{"X-aws-ec2-metadata-token-ttl-seconds", "60"});
  request.connect_limit = 1s;
  request.limit = 2s;
  return request;
}

HttpRequest metadata_request(const std::string& base, std::string_view path, std::string_view token)
{
  HttpRequest request("GET", base + "/latest/" + std::string(path));
  request.headers.push_back(HttpHeader{"X-aws-ec2-metadata-token", std::string(token)});
  request.connect_limit = 1s;
  request.limit = 2s;
  return request;
}

} // namespace purser::aws
