#include "cli/export/format.hpp"

#include "cli/export/base64.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace purser::cli {
namespace {

using Json = nlohmann::ordered_json;

// An identity token is used instead of a password; `auth` has to be there all the same, since
// podman and its kin look at no entry without one.
Json entry_of(const ExportedCredential& credential)
{
  const bool token = credential.is_identity_token();
  std::string pair = credential.username + ":";
  if (!token) pair += credential.secret.reveal();
  Json entry;
  entry["auth"] = encode_base64(pair);
  if (token) entry["identitytoken"] = credential.secret.reveal();
  return entry;
}

std::string auths_text(const std::vector<const ExportedCredential*>& credentials,
                       bool docker_spelling)
{
  Json auths = Json::object();
  for (const auto* const credential : credentials) {
    const auto& key = credential->key;
    auths[std::string(docker_spelling ? key.docker_spelling() : key.text())] =
        entry_of(*credential);
  }
  Json file;
  file["auths"] = std::move(auths);
  return file.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
}

std::string secret_text(const std::vector<const ExportedCredential*>& credentials,
                        const std::string& name)
{
  Json secret;
  secret["apiVersion"] = "v1";
  secret["kind"] = "Secret";
  secret["metadata"]["name"] = name;
  secret["type"] = "kubernetes.io/dockerconfigjson";
  secret["data"][".dockerconfigjson"] = encode_base64(auths_text(credentials, true));
  return secret.dump(2) + '\n';
}

Error inexpressible(const ExportedCredential& credential, const std::string& why)
{
  return with_remedy({Errc::misconfigured, std::string(credential.key.text()) +
                                               ": a netrc file cannot express " + why +
                                               ": use another --format"});
}

// What every reader of such files takes for itself, in quotation marks or not.
bool is_plain_word(std::string_view word)
{
  return !word.empty() && word.front() != '#' && std::all_of(word.begin(), word.end(), [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\';
  });
}

Result<> check_netrc(const ExportedCredential& credential)
{
  const auto& key = credential.key;
  if (key.opaque() || !key.repository().empty())
    return inexpressible(credential, "a repository, only hosts");
  if (key.host().starts_with('[')) return inexpressible(credential, "an address of IPv6");
  if (credential.is_identity_token()) return inexpressible(credential, "an identity token");
  if (!is_plain_word(credential.username) || !is_plain_word(credential.secret.reveal()))
    return inexpressible(credential, "a user name or secret with blanks or quotation marks");
  return {};
}

Result<Secret> netrc_text(const std::vector<const ExportedCredential*>& credentials)
{
  std::string text;
  std::set<std::string, std::less<>> hosts;
  for (const auto* const credential : credentials) {
    if (const auto good = check_netrc(*credential); !good) return good.error();
    const std::string host(credential->key.host());
    if (!hosts.insert(host).second) return inexpressible(*credential, "two ports of one host");
    text.append("machine ").append(host);
    text.append("\nlogin ").append(credential->username);
    text.append("\npassword ").append(credential->secret.reveal()).append("\n");
  }
  return Secret(text);
}

} // namespace

std::optional<ExportFormat> export_format(std::string_view name)
{
  if (name == "auth.json") return ExportFormat::auth_json;
  if (name == "dockerconfigjson") return ExportFormat::dockerconfigjson;
  if (name == "netrc") return ExportFormat::netrc;
  return std::nullopt;
}

std::string_view default_name(ExportFormat format)
{
  switch (format) {
  case ExportFormat::auth_json: return "auth.json";
  case ExportFormat::dockerconfigjson: return "dockerconfigjson.json";
  case ExportFormat::netrc: break;
  }
  return "netrc";
}

bool is_secret_name(std::string_view name)
{
  constexpr std::size_t k_longest = 253;
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !name.empty() && name.size() <= k_longest && alphanumeric(name.front()) &&
         alphanumeric(name.back()) && std::all_of(name.begin(), name.end(), [alphanumeric](char c) {
           return alphanumeric(c) || c == '-' || c == '.';
         });
}

Result<Secret> export_text(ExportFormat format,
                           const std::vector<const ExportedCredential*>& credentials,
                           const std::string& name)
{
  if (format == ExportFormat::netrc) return netrc_text(credentials);
  if (format == ExportFormat::dockerconfigjson) return Secret(secret_text(credentials, name));
  return Secret(auths_text(credentials, false));
}

} // namespace purser::cli
