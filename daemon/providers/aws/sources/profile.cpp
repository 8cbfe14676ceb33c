#include "daemon/providers/aws/sources/source.hpp"

#include <array>

namespace purser::aws::sources {
namespace {

// A property that says where a profile's credentials come from, other than its own keys.
struct Elsewhere {
  std::string_view property;
  std::string_view what;
};

// In the order in which AWS's tools look.
constexpr std::array k_elsewhere{
    Elsewhere{"web_identity_token_file", "a web identity"},
    Elsewhere{"sso_session", "IAM Identity Center (SSO)"},
    Elsewhere{"sso_start_url", "IAM Identity Center (SSO)"},
    Elsewhere{"login_session", "a session of \"aws login\""},
    Elsewhere{"credential_process", "a program"},
};

Error asks_for(const std::string& place, const Elsewhere& elsewhere)
{
  return not_supported(place + " asks for " + std::string(elsewhere.what) + " (" +
                       std::string(elsewhere.property) + ")");
}

std::string searched(const ProfilePaths& paths)
{
  if (paths.config.empty()) return paths.credentials.empty() ? "no file" : paths.credentials;
  return paths.credentials.empty() ? paths.config : paths.config + " and " + paths.credentials;
}

// Static keys come before everything but a role, which needs them only as its source.
Found keys_of(const Section& section, const ProfileChoice& choice)
{
  const std::string place = choice.phrase();
  if (find_property(section, "role_arn")) return asks_for(place, {"role_arn", "a role"});
  KeyTexts texts;
  texts.access_key_id = find_property(section, "aws_access_key_id");
  texts.secret = find_property(section, "aws_secret_access_key");
  texts.session_token = find_property(section, "aws_session_token");
  auto keys = make_keys(texts, place);
  if (!keys) return keys.error();
  if (*keys) return std::optional(FoundKeys(std::move(**keys), place, choice.name));
  for (const auto& elsewhere : k_elsewhere) {
    if (find_property(section, elsewhere.property)) return asks_for(place, elsewhere);
  }
  return std::optional<FoundKeys>{};
}

Error missing(const ChainInput& input)
{
  const std::string by =
      input.choice.by == ProfileChoice::By::rule ? "the configuration" : "AWS_PROFILE";
  return Error{Errc::misconfigured,
               by + " names " + input.choice.phrase() + ", which is not there (searched: " +
                   searched(input.profiles.paths()) + "): correct the name or add it"};
}

} // namespace

Found rule_profile(const ChainInput& input)
{
  if (input.choice.by != ProfileChoice::By::rule) return std::optional<FoundKeys>{};
  const Section* section = input.profiles.profile(input.choice.name);
  if (section == nullptr) return missing(input);
  auto found = keys_of(*section, input.choice);
  if (!found || *found) return found;
  return Error{Errc::misconfigured, "the configuration names " + input.choice.phrase() +
                                        ", which holds no credentials: add access keys to it"};
}

Found selected_profile(const ChainInput& input)
{
  const Section* section = input.profiles.profile(input.choice.name);
  if (section != nullptr) return keys_of(*section, input.choice);
  if (input.choice.by == ProfileChoice::By::nobody) return std::optional<FoundKeys>{};
  return missing(input);
}

} // namespace purser::aws::sources
