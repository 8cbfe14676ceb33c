#include "daemon/tokens/token_target.hpp"

#include <algorithm>
#include <optional>

namespace purser {
namespace {

constexpr std::string_view k_hub = "docker.io";

// Where the actions begin; npos where there are none. A port is none.
std::size_t colon_of_actions(std::string_view text)
{
  const auto scheme = text.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const auto slash = text.rfind('/');
  if (slash == std::string_view::npos || slash < begin) return std::string_view::npos;
  return text.find(':', slash);
}

std::optional<RegistryKey> key_of(std::string_view text)
{
  const auto key = RegistryKey::parse(text);
  if (!key || key->opaque() || key->registry() != k_hub || key->repository().empty() ||
      key->repository().find('/') != std::string_view::npos)
    return key;
  return RegistryKey::parse(std::string(k_hub) + "/library/" + std::string(key->repository()));
}

std::vector<std::string> split(std::string_view actions)
{
  std::vector<std::string> parts;
  for (;;) {
    const auto comma = actions.find(',');
    parts.emplace_back(actions.substr(0, comma));
    if (comma == std::string_view::npos) return parts;
    actions.remove_prefix(comma + 1);
  }
}

// Others exist, and are asked for as scopes; here a tag must not be taken for one.
bool is_action(std::string_view action)
{
  return action == "pull" || action == "push" || action == "delete" || action == "*";
}

Error no_target(const std::string& why)
{
  return with_remedy({Errc::bad_request, why + "; expected REGISTRY or "
                                               "REGISTRY/REPOSITORY[:ACTIONS], with actions such "
                                               "as pull or pull,push"});
}

} // namespace

Result<TokenTarget> parse_token_target(std::string_view text)
{
  const auto colon = colon_of_actions(text);
  const bool has_actions = colon != std::string_view::npos;
  const auto key = key_of(text.substr(0, colon));
  if (!key || key->opaque()) return no_target("this names no registry");
  if (key->repository().empty()) {
    if (has_actions) return no_target("there are actions and no repository");
    return TokenTarget(*key, ScopeSet());
  }
  const std::string_view actions = has_actions ? text.substr(colon + 1) : "pull";
  auto parts = split(actions);
  if (!std::all_of(parts.begin(), parts.end(), is_action))
    return no_target("after the colon stands something other than pull, push, delete or *");
  auto scopes = ScopeSet::repository(key->repository(), actions);
  if (!scopes) return no_target(scopes.error().what);
  TokenTarget target(*key, std::move(*scopes));
  target.actions = std::move(parts);
  return target;
}

} // namespace purser
