#include "daemon/providers/aws/keys/jwt.hpp"

#include "daemon/formats/base64url.hpp"
#include "daemon/formats/bounded_json.hpp"
#include "daemon/seal/sealing_key.hpp"

#include <algorithm>
#include <string>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_token = 20'000;          // as STS has it
constexpr long long k_last_second = 253'402'300'799; // of the year 9999

// The middle part of a JWT; discarded where it is none.
nlohmann::json claims_of(std::string_view token)
{
  const auto first = token.find('.');
  const auto second = first == std::string_view::npos ? first : token.find('.', first + 1);
  if (second == std::string_view::npos) return nlohmann::json(nlohmann::json::value_t::discarded);
  const auto payload = decode_base64url(token.substr(first + 1, second - first - 1));
  if (!payload) return nlohmann::json(nlohmann::json::value_t::discarded);
  return parse_bounded_json({payload->data(), payload->size()});
}

bool is_plain(std::string_view token)
{
  return token.size() <= k_max_token && std::all_of(token.begin(), token.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_' || c == '.';
         });
}

} // namespace

bool is_jwt(std::string_view token)
{
  if (!is_plain(token) || std::count(token.begin(), token.end(), '.') != 2) return false;
  const auto claims = claims_of(token);
  return claims.is_object() && claims.contains("iss") && claims.contains("sub");
}

Secret subject_of(std::string_view token)
{
  const auto claims = claims_of(token);
  FieldList subject;
  if (!claims.is_object() || !claims.contains("sub")) {
    subject.add("token").add(token);
    return Secret(subject.text());
  }
  subject.add("claims");
  for (const char* name : {"iss", "sub", "aud"}) {
    const auto claim = claims.find(name);
    subject.add(claim == claims.end() ? std::string() : claim->dump());
  }
  return Secret(subject.text());
}

std::optional<WallTime> end_of(std::string_view token)
{
  const auto claims = claims_of(token);
  if (!claims.is_object()) return std::nullopt;
  const auto claim = claims.find("exp");
  if (claim == claims.end() || !claim->is_number()) return std::nullopt;
  const auto seconds = claim->get<double>();
  if (!(seconds > 0 && seconds <= static_cast<double>(k_last_second))) return std::nullopt;
  return WallTime(std::chrono::seconds(static_cast<long long>(seconds)));
}

} // namespace purser::aws
