#include "daemon/registry/jwt_claims.hpp"

#include "daemon/formats/base64url.hpp"
#include "daemon/formats/wiped_json.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace purser {
namespace {

constexpr double k_latest = 7258118400.0; // 2200-01-01: fits a WallTime

// The second of three parts that are not empty.
std::optional<std::string_view> payload_of(std::string_view token)
{
  const auto first = token.find('.');
  const auto last = token.rfind('.');
  if (first == last || first == 0 || last + 1 == token.size()) return std::nullopt;
  const auto payload = token.substr(first + 1, last - first - 1);
  if (payload.empty() || payload.find('.') != std::string_view::npos) return std::nullopt;
  return payload;
}

// A NumericDate (RFC 7519, section 2), which may have a fraction.
std::optional<WallTime> moment_of(const nlohmann::json& claims, const char* name)
{
  const auto found = claims.find(name);
  if (found == claims.end() || !found->is_number()) return std::nullopt;
  const double seconds = std::clamp(found->get<double>(), 0.0, k_latest);
  return WallTime(std::chrono::seconds(static_cast<long long>(seconds)));
}

std::string text_of(const nlohmann::json& entry, const char* name)
{
  const auto found = entry.find(name);
  const auto* text = found == entry.end() ? nullptr : found->get_ptr<const std::string*>();
  return text == nullptr ? std::string{} : *text;
}

// `{"type":"repository","name":"a/b","actions":["pull"]}`
ScopeSet right_of(const nlohmann::json& entry)
{
  if (!entry.is_object()) return {};
  const auto actions = entry.find("actions");
  if (actions == entry.end() || !actions->is_array()) return {};
  std::string text = text_of(entry, "type");
  text += ':';
  text += text_of(entry, "name");
  text += ':';
  if (text.find(' ') != std::string::npos) return {};
  for (const auto& action : *actions) {
    const auto* word = action.get_ptr<const std::string*>();
    if (word == nullptr || word->find_first_of(": ") != std::string::npos) return {};
    text += *word;
    text += ',';
  }
  auto right = ScopeSet::parse(text);
  return right ? std::move(*right) : ScopeSet{};
}

std::optional<ScopeSet> access_of(const nlohmann::json& claims)
{
  constexpr std::size_t k_max_entries = 64;
  const auto found = claims.find("access");
  if (found == claims.end()) return std::nullopt;
  ScopeSet all;
  if (!found->is_array()) return all; // null is how some write an empty list
  std::size_t read = 0;
  for (const auto& entry : *found) {
    if (++read > k_max_entries) break;
    all = all.merged(right_of(entry));
  }
  return all;
}

} // namespace

std::optional<JwtClaims> read_jwt_claims(std::string_view token)
{
  const auto payload = payload_of(token);
  if (!payload) return std::nullopt;
  const auto bytes = decode_base64url(*payload);
  if (!bytes) return std::nullopt;
  WipedJson claims({bytes->data(), bytes->size()});
  if (!claims.is_object()) return std::nullopt;
  return JwtClaims{moment_of(claims.json(), "exp"), access_of(claims.json())};
}

} // namespace purser
