#include "daemon/providers/ecr/ecr_messages.hpp"

#include "common/wiping.hpp"
#include "daemon/formats/bounded_json.hpp"

#include <openssl/evp.h>

#include <string.h>

#include <algorithm>
#include <cmath>
#include <optional>

namespace purser::ecr {
namespace {

constexpr std::string_view k_content_type = "application/x-amz-json-1.1";
constexpr std::size_t k_max_token = std::size_t{64} << 10;
// The year 2200: later instants do not fit into nanoseconds.
constexpr double k_last_instant = 7'258'118'400.0;

std::string_view target_of(Api api)
{
  return api == Api::ecr ? "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
                         : "SpencerFrontendService.GetAuthorizationToken";
}

Error not_understood(std::string_view what)
{
  return Error{Errc::protocol_error, "AWS's answer has " + std::string(what)};
}

// A list in the one API, an object in the other.
nlohmann::json* find_authorization(Api api, nlohmann::json& json)
{
  if (!json.is_object()) return nullptr;
  const auto found = json.find("authorizationData");
  if (found == json.end()) return nullptr;
  if (api == Api::ecr_public) return found->is_object() ? &*found : nullptr;
  return found->is_array() && !found->empty() && found->front().is_object() ? &found->front()
                                                                            : nullptr;
}

bool is_base64(std::string_view text)
{
  constexpr std::string_view k_alphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  if (text.empty() || text.size() % 4 != 0 || text.size() > k_max_token) return false;
  const auto padding = text.size() - (text.find_last_not_of('=') + 1);
  return padding <= 2 && text.substr(0, text.size() - padding).find_first_not_of(k_alphabet) ==
                             std::string_view::npos;
}

// Empty where it is no base64.
WipingBuffer decode_base64(std::string_view text)
{
  if (!is_base64(text)) return {};
  WipingBuffer bytes(text.size() / 4 * 3 + 1);
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  if (size < 0) return {};
  const auto padding = text.size() - (text.find_last_not_of('=') + 1);
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return bytes;
}

bool is_printable(std::string_view text)
{
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

std::optional<WallTime> find_expiry(const nlohmann::json& authorization)
{
  const auto found = authorization.find("expiresAt");
  if (found == authorization.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>(); // also `1.4E9`
  if (!std::isfinite(seconds) || seconds <= 0) return std::nullopt;
  return WallTime(std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(std::min(seconds, k_last_instant))));
}

// nlohmann's strings are not wiped by their destructor.
Result<IssuedPassword> read_token(nlohmann::json& authorization)
{
  const auto found = authorization.find("authorizationToken");
  auto* token = found == authorization.end() ? nullptr : found->get_ptr<std::string*>();
  if (token == nullptr) return not_understood("no authorizationToken");
  const WipingBuffer decoded = decode_base64(*token);
  ::explicit_bzero(token->data(), token->size());

  const std::string_view text(decoded.data(), decoded.size());
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return not_understood("an authorizationToken that is none");
  const auto username = text.substr(0, colon);
  const auto password = text.substr(colon + 1);
  if (!is_printable(username) || !is_printable(password))
    return not_understood("an authorizationToken that is none");
  const auto expires_at = find_expiry(authorization);
  if (!expires_at) return not_understood("no expiresAt");
  return IssuedPassword(std::string(username), Secret(password), *expires_at);
}

} // namespace

HttpRequest token_request(Api api, std::string url)
{
  HttpRequest request("POST", std::move(url));
  request.headers.push_back(HttpHeader{"Content-Type", std::string(k_content_type)});
  request.headers.push_back(HttpHeader{"X-Amz-Target", std::string(target_of(api))});
  request.body = "{}";
  return request;
}

Result<IssuedPassword> parse_token(Api api, std::string_view body)
{
  auto json = parse_bounded_json(body);
  if (json.is_discarded()) return not_understood("no JSON");
  auto* authorization = find_authorization(api, json);
  if (authorization == nullptr) return not_understood("no authorizationData");
  return read_token(*authorization);
}

} // namespace purser::ecr
