#include "daemon/server/login_message.hpp"

#include "daemon/config/checked_json.hpp"
#include "daemon/formats/bounded_json.hpp"
#include "daemon/server/access_check.hpp"
#include "daemon/server/docker_messages.hpp"

#include <string>

namespace purser {
namespace {

constexpr std::string_view k_prefix = "repository:";
constexpr std::string_view k_no_text = "\xef\xbf\xbd"; // what a client puts for bytes that are none

Error refused(const char* what)
{
  return with_remedy({Errc::bad_request, what});
}

// The scope as people write it, at this registry.
Result<TokenTarget> target_of(const RegistryKey& key, std::string_view scope)
{
  if (scope.empty()) return TokenTarget(key, ScopeSet());
  if (scope.starts_with(k_prefix)) scope.remove_prefix(k_prefix.size());
  auto target = parse_token_target(std::string(key.registry()) + "/" + std::string(scope));
  if (target && check_actions(*target)) return target;
  return refused("this is no scope that can be tried; expected REPOSITORY:ACTIONS, as in "
                 "team/app:pull,push");
}

Result<Credential> credential_of(const std::string& username, const std::string& secret)
{
  if (username.find(k_no_text) != std::string::npos || secret.find(k_no_text) != std::string::npos)
    return refused("the user name or the password is no text in UTF-8; nothing was stored");
  if (username.empty() || secret.empty())
    return refused("the user name or the password is empty; nothing was stored");
  return Credential(username, Secret(secret));
}

} // namespace

Result<LoginMessage> parse_login_message(std::string_view text)
{
  const auto json = parse_checked_json(text, JsonComments::refused);
  const auto member = [&json](const char* pointer) {
    return json ? find_string(*json, nlohmann::json::json_pointer(pointer)) : nullptr;
  };
  const auto *registry = member("/registry"), *username = member("/username"),
             *secret = member("/secret"), *scope = member("/scope");
  if (registry == nullptr || username == nullptr || secret == nullptr)
    return Error{Errc::bad_request, "the input is not one JSON object with the strings registry, "
                                    "username and secret"};
  const auto key = RegistryKey::parse(docker::trimmed(*registry));
  if (!key || key->opaque()) return docker::no_registry();
  auto target = target_of(*key, scope == nullptr ? std::string_view() : *scope);
  if (!target) return target.error();
  auto credential = credential_of(*username, *secret);
  if (!credential) return credential.error();
  return LoginMessage(std::move(*target), *key, std::move(*credential));
}

} // namespace purser
