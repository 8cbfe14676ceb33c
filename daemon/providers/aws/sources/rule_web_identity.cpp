#include "daemon/http/url.hpp"
#include "daemon/providers/aws/keys/jwt.hpp"
#include "daemon/providers/aws/sources/source.hpp"

#include <utility>

namespace purser::aws::sources {
namespace {

using From = WebIdentityRule::From;

constexpr const char* k_url = "ACTIONS_ID_TOKEN_REQUEST_URL";
constexpr const char* k_token = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

Error wrong(std::string what)
{
  return with_remedy({Errc::misconfigured, std::move(what)});
}

// As each partition's IAM wants it by default.
std::string default_audience(const RoleRequest& role)
{
  return role.arn.starts_with("arn:aws-cn:") ? "sts.amazonaws.com.cn" : "sts.amazonaws.com";
}

// The job's secret is sent there. The loopback of a stranger is not ours.
Result<> check_url(std::string_view text, bool of_this_machine)
{
  const auto url = parse_url(text);
  if (!url) return wrong(std::string(k_url) + ": " + url.error().what + ": correct it");
  if (!url->tls && !(of_this_machine && url->is_loopback()))
    return wrong(std::string(k_url) + " names " + url->host +
                 ", which may be asked over https only: use https");
  return {};
}

Result<FoundSource> of_job(const Standpoint& standpoint, RoleRequest role, std::string audience)
{
  const auto url = standpoint.get(k_url);
  const auto token = standpoint.get(k_token);
  if (!url || !token)
    return wrong(std::string(url ? k_token : k_url) +
                 " is not set, so this is no job of GitHub Actions that may have an identity: "
                 "give the job \"permissions: id-token: write\"");
  if (const auto checked = check_url(*url, standpoint.has_files()); !checked)
    return checked.error();
  JobIdentity identity;
  identity.audience = audience.empty() ? default_audience(role) : std::move(audience);
  identity.role = std::move(role);
  identity.url = *url;
  identity.request_token = Secret(*token);
  return FoundSource(std::move(identity), "the job of GitHub Actions", std::nullopt);
}

Result<FoundSource> sent(const Standpoint& standpoint, RoleRequest role, const std::string& name)
{
  const auto token = standpoint.get(name);
  if (!token)
    return wrong("the variable " + name +
                 ", which the configuration names for a web identity, is not set: give the job an "
                 "ID token of that name");
  if (!is_jwt(*token))
    return wrong("the variable " + name +
                 " holds no ID token (a JWT): correct what sets it, or the rule's web_identity");
  SentIdentity identity;
  identity.role = std::move(role);
  identity.variable = name;
  identity.token = Secret(*token);
  identity.by_stranger = !standpoint.has_files();
  return FoundSource(std::move(identity), "the variable " + name, std::nullopt);
}

} // namespace

Result<FoundSource>
rule_web_identity(const Standpoint& standpoint, RoleRequest role, const WebIdentityRule& rule)
{
  switch (rule.from) {
  case From::actions: return of_job(standpoint, std::move(role), rule.audience);
  case From::variable: return sent(standpoint, std::move(role), rule.name);
  case From::file: break;
  }
  return FoundSource(WebIdentity{std::move(role), rule.name},
                     "the web identity of the configuration", std::nullopt);
}

std::vector<std::string> variables_of(const WebIdentityRule& rule)
{
  switch (rule.from) {
  case From::actions: return {k_url, k_token};
  case From::variable: return {rule.name};
  case From::file: break;
  }
  return {};
}

} // namespace purser::aws::sources
