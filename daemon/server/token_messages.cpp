#include "daemon/server/token_messages.hpp"

#include "daemon/config/checked_json.hpp"
#include "daemon/server/json_text.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace purser::tokens {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 3> k_members{"target", "scopes", "anonymous"};

Error malformed(std::string_view why)
{
  return Error{Errc::bad_request,
               "the request is not of the form that docs/protocol.md has: " + std::string(why)};
}

// All in one set, so that a resource that is named twice is asked for once.
Result<ScopeSet> read_scopes(const Json& json)
{
  const auto list = json.find("scopes");
  if (list == json.end()) return ScopeSet();
  if (!list->is_array()) return malformed("scopes is no list");
  std::string text;
  for (const Json& scope : *list) {
    if (!scope.is_string()) return malformed("scopes holds something that is no text");
    text += scope.get_ref<const std::string&>();
    text += ' ';
  }
  return ScopeSet::parse(text);
}

void member(WipingBuffer& out, std::string_view name, std::string_view value)
{
  append(out, ",");
  append_json_string(out, name);
  append(out, ":");
  append_json_string(out, value);
}

void list(WipingBuffer& out, std::string_view name, const std::optional<ScopeSet>& scopes)
{
  append(out, ",");
  append_json_string(out, name);
  append(out, ":");
  if (!scopes) return append(out, "null");
  std::string_view separator = "[";
  for (const std::string& entry : scopes->entries()) {
    append(out, separator);
    append_json_string(out, entry);
    separator = ",";
  }
  append(out, scopes->empty() ? "[]" : "]");
}

} // namespace

Result<TokenRequest> parse_request(std::string_view text)
{
  const auto json = parse_checked_json(text, JsonComments::refused);
  if (!json) return malformed(json.error().what);
  if (!json->is_object()) return malformed("it is no object");
  for (const auto& entry : json->items())
    if (std::find(k_members.begin(), k_members.end(), entry.key()) == k_members.end())
      return malformed("it has a member other than target, scopes and anonymous");
  const auto named = json->find("target");
  if (named == json->end() || !named->is_string()) return malformed("target is no text");
  auto target = parse_token_target(named->get_ref<const std::string&>());
  if (!target) return target.error();
  const auto more = read_scopes(*json);
  if (!more) return more.error();
  const auto anonymous = json->find("anonymous");
  if (anonymous != json->end() && !anonymous->is_boolean())
    return malformed("anonymous is neither true nor false");
  ScopeSet wanted = target->scopes.merged(*more);
  TokenRequest request(std::move(*target), std::move(wanted));
  request.anonymous = anonymous != json->end() && anonymous->get<bool>();
  return request;
}

WipingBuffer token_json(const AccessToken& access, std::string_view expires_at)
{
  WipingBuffer out;
  out.reserve(1024 + 4 * access.token.reveal().size());
  append(out, R"({"scheme":)");
  append_json_string(out, to_string(access.scheme));
  member(out, "token", access.token.reveal());
  const WipingBuffer authorization = access.authorization();
  WipingBuffer header;
  header.reserve(32 + authorization.size());
  if (!authorization.empty()) append(header, "Authorization: ");
  append(header, {authorization.data(), authorization.size()});
  member(out, "header", {header.data(), header.size()});
  member(out, "registry", access.registry);
  member(out, "realm", access.realm);
  member(out, "service", access.service);
  list(out, "scopes", access.asked);
  list(out, "granted", access.granted);
  append(out, R"(,"expires_at":)");
  if (expires_at.empty())
    append(out, "null");
  else
    append_json_string(out, expires_at);
  member(out, "username", access.username);
  member(out, "source", access.source);
  append(out, "}\n");
  return out;
}

} // namespace purser::tokens
