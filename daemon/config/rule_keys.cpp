#include "daemon/config/rule_keys.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace purser {
namespace {

constexpr std::array<std::string_view, 27> k_keys{"match",
                                                  "provider",
                                                  "anonymous",
                                                  "realms",
                                                  "plain_http",
                                                  "exact_scopes",
                                                  "profile",
                                                  "region",
                                                  "endpoint",
                                                  "registry",
                                                  "role_arn",
                                                  "role_session_name",
                                                  "external_id",
                                                  "web_identity",
                                                  "audience",
                                                  "environment",
                                                  "min_remaining_seconds",
                                                  "probe",
                                                  "username",
                                                  "username_env",
                                                  "secret_env",
                                                  "secret_file",
                                                  "command",
                                                  "protocol",
                                                  "timeout_seconds",
                                                  "life_seconds",
                                                  "pass_env"};
constexpr std::array<std::string_view, 6> k_later{
    "duration_seconds", "source_profile", "web_identity_token_file",
    "mfa_serial",       "sso_session",    "scope"};

// The keys that are not for everybody.
struct Use {
  std::string_view key;
  std::string_view provider;
  std::string_view other = {};
};
constexpr std::array k_uses{
    Use{"profile", "ecr"},
    Use{"region", "ecr"},
    Use{"endpoint", "ecr"},
    Use{"registry", "ecr"},
    Use{"role_arn", "ecr"},
    Use{"role_session_name", "ecr"},
    Use{"external_id", "ecr"},
    Use{"web_identity", "ecr"},
    Use{"audience", "ecr"},
    Use{"environment", "ecr", "exec"},
    Use{"min_remaining_seconds", "ecr", "exec"},
    Use{"probe", "ecr"},
    Use{"username", "env"},
    Use{"username_env", "env"},
    Use{"secret_env", "env"},
    Use{"secret_file", "env"},
    Use{"command", "exec"},
    Use{"protocol", "exec"},
    Use{"timeout_seconds", "exec"},
    Use{"life_seconds", "exec"},
    Use{"pass_env", "exec"},
};
static_assert(k_uses.size() + 6 == k_keys.size());

std::string only_for(const Use& use)
{
  std::string text = "is for the provider \"" + std::string(use.provider) + "\"";
  if (!use.other.empty()) text += " or \"" + std::string(use.other) + "\"";
  return text + " only";
}

} // namespace

std::span<const std::string_view> rule_keys()
{
  return k_keys;
}

std::span<const std::string_view> later_rule_keys()
{
  return k_later;
}

void refuse_keys_of_others(ObjectReader& reader, std::string_view provider)
{
  for (const Use& use : k_uses)
    if (use.provider != provider && use.other != provider && reader.has(use.key))
      reader.complain(use.key, only_for(use));
}

} // namespace purser
