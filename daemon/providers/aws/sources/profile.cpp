#include "common/ascii.hpp"
#include "daemon/providers/aws/keys/login_token.hpp"
#include "daemon/providers/aws/keys/sso_token.hpp"
#include "daemon/providers/aws/region.hpp"
#include "daemon/providers/aws/sources/source.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace purser::aws::sources {
namespace {

constexpr std::size_t k_most_profiles = 16;

std::string searched(const ProfilePaths& paths)
{
  if (paths.config.empty()) return paths.credentials.empty() ? "no file" : paths.credentials;
  return paths.credentials.empty() ? paths.config : paths.config + " and " + paths.credentials;
}

Error wrong(const std::string& place, const std::string& why)
{
  return Error{Errc::misconfigured, place + " " + why};
}

Result<std::optional<AwsKeys>> own_keys(const Section& section, const std::string& place)
{
  KeyTexts texts;
  texts.access_key_id = find_property(section, "aws_access_key_id");
  texts.secret = find_property(section, "aws_secret_access_key");
  texts.session_token = find_property(section, "aws_session_token");
  return make_keys(texts, place);
}

// From 15 minutes to 12 hours, as IAM has it.
Result<std::chrono::seconds> duration_of(const Section& section, const std::string& place)
{
  constexpr long k_least = 900;
  constexpr long k_most = 43200;
  const auto text = find_property(section, "duration_seconds");
  if (!text) return RoleRequest{}.duration;
  long seconds = 0;
  const auto* const end = text->data() + text->size();
  const auto [stopped, bad] = std::from_chars(text->data(), end, seconds);
  if (bad != std::errc() || stopped != end || seconds < k_least || seconds > k_most)
    return wrong(place, "has a duration_seconds that is not from 900 to 43200: correct it");
  return std::chrono::seconds(seconds);
}

Result<RoleRequest> role_of(const Section& section, const std::string& place)
{
  RoleRequest role;
  role.arn = find_property(section, "role_arn").value_or("");
  role.session_name = find_property(section, "role_session_name").value_or("");
  role.external_id = find_property(section, "external_id").value_or("");
  const auto duration = duration_of(section, place);
  if (!duration) return duration.error();
  role.duration = *duration;
  return role;
}

// Follows source_profile from profile to profile.
class Walk {
public:
  explicit Walk(const ChainInput& input) : input_(input) {}

  Found from(const std::string& name, const std::string& place)
  {
    const Section* section = input_.profiles.profile(name);
    if (section == nullptr) return wrong(place, "is not there");
    const bool first = visited_.empty();
    if (visited_.size() >= k_most_profiles)
      return wrong(place, "stands behind more source_profiles than anybody needs: shorten the way");
    visited_.push_back(name);
    // The keys beside a role are its source only where it names itself; and those of a
    // profile that another one leads to end the walk.
    if (find_property(*section, "role_arn") && (first || !has_keys(*section)))
      return role(*section, name, place);
    auto keys = own_keys(*section, place);
    if (!keys) return keys.error();
    if (*keys) return std::optional(FoundSource(std::move(**keys), place, name));
    if (find_property(*section, "web_identity_token_file"))
      return wrong(place, "has web_identity_token_file without role_arn: add the role");
    if (asks_for_sso(*section)) return sso(*section, name, place);
    if (const auto session = find_property(*section, "login_session"))
      return login(*session, name, place);
    if (const auto command = find_property(*section, "credential_process"))
      return credential_process(input_, *command, name, place);
    return nothing(input_, input_.trace == nullptr ? "" : place + " holds no credentials");
  }

private:
  static bool has_keys(const Section& section)
  {
    return find_property(section, "aws_access_key_id") ||
           find_property(section, "aws_secret_access_key");
  }

  // sso_region alone asks for nothing.
  static bool asks_for_sso(const Section& section)
  {
    return find_property(section, "sso_session") || find_property(section, "sso_start_url") ||
           find_property(section, "sso_account_id") || find_property(section, "sso_role_name");
  }

  Found role(const Section& section, const std::string& name, const std::string& place)
  {
    if (find_property(section, "mfa_serial"))
      return Error{Errc::interaction_required,
                   place + " wants a code of a second factor (mfa_serial), which a program in the "
                           "background has not: use a profile without it, for example one of SSO"};
    auto request = role_of(section, place);
    if (!request) return request.error();
    const auto source = find_property(section, "source_profile");
    const auto named = find_property(section, "credential_source");
    const auto token_file = find_property(section, "web_identity_token_file");
    if (source && named)
      return wrong(place, "has both source_profile and credential_source: remove one of them");
    if (token_file && !source && !named) return web_identity(*request, *token_file, name, place);
    if (!source && !named)
      return wrong(place, "has role_arn alone: add source_profile, credential_source or "
                          "web_identity_token_file");
    auto base = source ? base_profile(section, name, std::string(*source), place)
                       : base_named(*named, place);
    if (!base) return base.error();
    FoundSource found(AssumedRole{std::move(*request)}, place, name);
    found.base = std::make_unique<FoundSource>(std::move(**base));
    return std::optional(std::move(found));
  }

  Found web_identity(RoleRequest& request,
                     std::string_view token_file,
                     const std::string& name,
                     const std::string& place)
  {
    auto file = input_.standpoint.absolute(token_file, "web_identity_token_file of " + place);
    if (!file) return file.error();
    return std::optional(
        FoundSource(WebIdentity{std::move(request), std::move(*file)}, place, name));
  }

  // What [sso-session `named`] says; `key` is the profile's own start URL and becomes the name.
  Result<> take_session(std::string_view named,
                        SsoSession& session,
                        std::string& key,
                        const std::string& place)
  {
    const Section* shared = input_.profiles.sso_session(named);
    if (shared == nullptr)
      return wrong(place, "names a sso_session that is not there: add [sso-session " +
                              std::string(named) + "], or correct the name");
    for (const auto& [property, own] :
         {std::pair<std::string_view, std::string_view>("sso_region", session.region),
          {"sso_start_url", key}}) {
      const auto value = find_property(*shared, property);
      if (!value)
        return wrong(place, "uses a sso_session without " + std::string(property) + ": add it");
      if (!own.empty() && own != *value)
        return wrong(place, "and its sso_session have a different " + std::string(property) +
                                ": remove that of the profile");
    }
    session.region = find_property(*shared, "sso_region").value_or("");
    session.renewable = true;
    key = named;
    return {};
  }

  Found sso(const Section& section, const std::string& name, const std::string& place)
  {
    SsoSession session;
    session.profile = name;
    session.account_id = find_property(section, "sso_account_id").value_or("");
    session.role_name = find_property(section, "sso_role_name").value_or("");
    session.region = find_property(section, "sso_region").value_or("");
    std::string key(find_property(section, "sso_start_url").value_or(""));
    if (const auto named = find_property(section, "sso_session")) {
      const auto taken = take_session(*named, session, key, place);
      if (!taken) return taken.error();
    }
    for (const auto& [property, value] :
         {std::pair<std::string_view, std::string_view>("sso_start_url", key),
          {"sso_region", session.region},
          {"sso_account_id", session.account_id},
          {"sso_role_name", session.role_name}}) {
      if (value.empty())
        return wrong(place, "uses SSO without " + std::string(property) + ": add it");
    }
    if (!parse_region(session.region))
      return wrong(place, "has a sso_region that is not the name of a region: correct it");
    if (input_.standpoint.in_home("").empty())
      return wrong(place, "uses SSO, whose sessions are in the home folder, but HOME is not set: "
                          "set it");
    session.token_file = input_.standpoint.in_home(sso_token_file(key));
    return std::optional(FoundSource(std::move(session), place, name));
  }

  Found login(std::string_view session, const std::string& name, const std::string& place)
  {
    auto folder = input_.standpoint.path("AWS_LOGIN_CACHE_DIRECTORY");
    if (!folder) return folder.error();
    if (!*folder && input_.standpoint.in_home("").empty())
      return wrong(place, "uses \"aws login\", whose sessions are in the home folder, but HOME is "
                          "not set: set it");
    LoginSession found;
    found.session = trimmed(session); // as the aws command does before it names a file by it
    found.profile = name;
    found.token_file = folder->value_or(input_.standpoint.in_home(".aws/login/cache")) + "/" +
                       login_token_file(found.session);
    return std::optional(FoundSource(std::move(found), place, name));
  }

  Found base_profile(const Section& section,
                     const std::string& name,
                     const std::string& source,
                     const std::string& place)
  {
    const std::string source_place = ProfileChoice(source, ProfileChoice::By::nobody).phrase();
    if (source == name) {
      auto keys = own_keys(section, place);
      if (!keys) return keys.error();
      if (*keys) return std::optional(FoundSource(std::move(**keys), place, name));
      return wrong(place, "names itself as its source_profile and has no access keys: correct it");
    }
    if (std::find(visited_.begin(), visited_.end(), source) != visited_.end())
      return wrong(place, "leads in a circle: " + path_to(source));
    if (input_.profiles.profile(source) == nullptr)
      return wrong(place, "names " + source_place +
                              " as its source_profile, which is not there (searched: " +
                              searched(input_.profiles.paths()) + "): correct the name or add it");
    auto base = from(source, source_place);
    if (base && !*base)
      return wrong(place, "names " + source_place +
                              " as its source_profile, which holds no credentials: add some");
    return base;
  }

  Found base_named(std::string_view named, const std::string& place)
  {
    Found found = std::optional<FoundSource>{};
    if (equal_ignoring_case(named, "Environment"))
      found = environment_keys(input_);
    else if (equal_ignoring_case(named, "EcsContainer"))
      found = container(input_);
    else if (equal_ignoring_case(named, "Ec2InstanceMetadata"))
      found = named_instance_metadata(input_);
    else
      return wrong(place, "has a credential_source that is none of Environment, EcsContainer and "
                          "Ec2InstanceMetadata: correct it");
    if (found && !*found)
      return wrong(place, "has the credential_source " + std::string(named) +
                              ", where there are no credentials");
    return found;
  }

  [[nodiscard]] std::string path_to(const std::string& last) const
  {
    std::string path;
    for (const auto& name : visited_)
      path += ProfileChoice(name, ProfileChoice::By::nobody).phrase() + " -> ";
    return path + ProfileChoice(last, ProfileChoice::By::nobody).phrase();
  }

  const ChainInput& input_;
  std::vector<std::string> visited_;
};

Error missing(const ChainInput& input)
{
  const std::string by =
      input.choice.by == ProfileChoice::By::rule ? "the configuration" : "AWS_PROFILE";
  return Error{Errc::misconfigured,
               by + " names " + input.choice.phrase() + ", which is not there (searched: " +
                   searched(input.profiles.paths()) + "): correct the name or add it"};
}

std::string no_default(const ChainInput& input)
{
  if (!input.standpoint.has_files()) return std::string(k_foreign_files);
  return "AWS_PROFILE is not set, and " + input.choice.phrase() +
         " is not there (searched: " + searched(input.profiles.paths()) + ")";
}

} // namespace

Found rule_profile(const ChainInput& input)
{
  if (input.choice.by != ProfileChoice::By::rule) return nothing(input, "no rule names a profile");
  if (input.profiles.profile(input.choice.name) == nullptr) return missing(input);
  auto found = Walk(input).from(input.choice.name, input.choice.phrase());
  if (!found || *found) return found;
  return Error{Errc::misconfigured, "the configuration names " + input.choice.phrase() +
                                        ", which holds no credentials: add access keys to it"};
}

Found selected_profile(const ChainInput& input)
{
  if (input.profiles.profile(input.choice.name) != nullptr)
    return Walk(input).from(input.choice.name, input.choice.phrase());
  if (input.choice.by != ProfileChoice::By::nobody) return missing(input);
  return nothing(input, input.trace == nullptr ? "" : no_default(input));
}

} // namespace purser::aws::sources
