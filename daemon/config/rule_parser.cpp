#include "daemon/config/rule_parser.hpp"

#include "common/ecr_host.hpp"
#include "common/region_name.hpp"
#include "daemon/config/closest.hpp"
#include "daemon/config/env_rule_parser.hpp"
#include "daemon/config/exec_rule_parser.hpp"
#include "daemon/config/object_reader.hpp"
#include "daemon/config/pattern.hpp"
#include "daemon/config/rule_keys.hpp"
#include "daemon/config/token_keys.hpp"
#include "daemon/config/web_identity_parser.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace purser {
namespace {

constexpr std::array<std::string_view, 4> k_providers{"ecr", "env", "exec", "store"};
constexpr std::array<std::string_view, 1> k_later_providers{"vault"};
constexpr std::string_view k_one_of = R"(it is "ecr", "env", "exec" or "store")";

constexpr std::size_t k_max_pattern = 1024;
constexpr std::size_t k_max_profile = 256;
constexpr std::size_t k_max_url = 2048;
constexpr std::size_t k_max_role = 2048; // as IAM has it
constexpr std::size_t k_max_session = 64;
constexpr std::size_t k_max_external_id = 1224;
constexpr long long k_day = 86'400; // the longest life that is believed

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& words, std::string_view word)
{
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string parse_provider(ObjectReader& reader)
{
  const auto provider = reader.text("provider", 64);
  if (!provider) {
    reader.complain("provider", "is missing; " + std::string(k_one_of));
    return {};
  }
  if (contains(k_providers, *provider)) return *provider;
  if (contains(k_later_providers, *provider)) {
    reader.complain("provider", "\"" + *provider + "\" is not in this version of purser");
    return {};
  }
  std::string complaint = "is not a provider of purser; ";
  if (const auto meant = closest_word(*provider, k_providers))
    complaint += "did you mean \"" + std::string(*meant) + "\"?";
  else
    complaint += k_one_of;
  reader.complain("provider", complaint);
  return {};
}

std::string parse_match(ObjectReader& reader)
{
  const auto match = reader.text("match", k_max_pattern);
  if (!match) {
    reader.complain("match", "is missing; it names the registries that the rule is for");
    return {};
  }
  if (const auto checked = check_pattern(*match); !checked)
    reader.complain("match", checked.error().what);
  return *match;
}

void check_region(ObjectReader& reader, const Rule& rule)
{
  if (rule.region && !is_region_name(*rule.region))
    reader.complain("region", "is not the name of a region, such as us-east-1");
}

bool is_loopback_authority(std::string_view authority)
{
  const auto host = pattern_host(authority);
  return host == "localhost" || host == "127.0.0.1" || host == "[::1]";
}

// Answers hold tokens: plain HTTP only where they do not leave the machine.
void check_endpoint(ObjectReader& reader, const Rule& rule)
{
  if (!rule.endpoint) return;
  std::string_view url = *rule.endpoint;
  const bool tls = url.starts_with("https://");
  if (!tls && !url.starts_with("http://"))
    return reader.complain("endpoint", "must be a URL that begins with https://");
  url.remove_prefix(tls ? 8 : 7);
  const auto authority = url.substr(0, url.find('/'));
  if (authority.empty() || url.find_first_of("@?# \\\"") != std::string_view::npos)
    return reader.complain("endpoint", "must be https://host[:port][/path] and nothing more");
  if (!tls && !is_loopback_authority(authority))
    return reader.complain("endpoint", "must be https:// (http:// is for this machine only)");
}

void check_ecr_hosts(ObjectReader& reader, const Rule& rule)
{
  if (rule.registry) {
    if (!parse_ecr_host(*rule.registry))
      reader.complain("registry", "is not the host name of an ECR registry");
    if (pattern_host(rule.match).find('*') != std::string_view::npos)
      reader.complain("match", "must name one host where \"registry\" says what stands behind it");
    return;
  }
  if (!is_ecr_pattern(rule.match))
    reader.complain(
        "match", "is not an ECR host; for a domain of your own name the ECR host in \"registry\"");
}

constexpr std::string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view k_digits = "0123456789";

bool consists_of(std::string_view text, std::initializer_list<std::string_view> characters)
{
  return std::all_of(text.begin(), text.end(), [&characters](char c) {
    return std::any_of(characters.begin(), characters.end(), [c](std::string_view some) {
      return some.find(c) != std::string_view::npos;
    });
  });
}

// arn:PARTITION:iam::ACCOUNT:role/PATH
bool is_role_arn(std::string_view text)
{
  constexpr std::string_view k_arn = "arn:aws";
  constexpr std::string_view k_service = ":iam::";
  constexpr std::string_view k_role = ":role/";
  constexpr std::size_t k_account = 12;
  if (!text.starts_with(k_arn)) return false;
  text.remove_prefix(k_arn.size());
  const auto partition = text.find(k_service);
  if (partition == std::string_view::npos) return false;
  constexpr std::string_view k_of_partition = "abcdefghijklmnopqrstuvwxyz-";
  if (!consists_of(text.substr(0, partition), {k_of_partition})) return false;
  text.remove_prefix(partition + k_service.size());
  if (text.size() < k_account || !consists_of(text.substr(0, k_account), {k_digits})) return false;
  text.remove_prefix(k_account);
  if (!text.starts_with(k_role)) return false;
  text.remove_prefix(k_role.size());
  return !text.empty() && !text.starts_with('/') && !text.ends_with('/') &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// What STS takes for a name of a session and for an external id.
void check_word(ObjectReader& reader,
                std::string_view key,
                const std::optional<std::string>& word,
                std::string_view others)
{
  if (word && (word->size() < 2 || !consists_of(*word, {k_letters, k_digits, others})))
    reader.complain(key, "is shorter than 2, or has characters other than letters, digits and " +
                             std::string(others));
}

void check_role(ObjectReader& reader, const Rule& rule)
{
  check_word(reader, "role_session_name", rule.role_session_name, "_+=,.@-");
  check_word(reader, "external_id", rule.external_id, "_+=,.@:/-");
  if (rule.role_arn) {
    if (!is_role_arn(*rule.role_arn))
      reader.complain("role_arn", "is not arn:aws:iam::ACCOUNT:role/NAME");
    return;
  }
  if (rule.role_session_name) reader.complain("role_session_name", "is of use with role_arn only");
  if (rule.external_id) reader.complain("external_id", "is of use with role_arn only");
}

// The role is whoever shows the token: nobody's keys, and no external id, take part.
void check_web_identity(ObjectReader& reader, const Rule& rule)
{
  if (!rule.web_identity) return;
  if (!rule.role_arn) reader.complain("web_identity", "is of use with role_arn only");
  for (const std::string_view key : {"profile", "external_id"})
    if (reader.has(key)) reader.complain(key, "cannot be used together with web_identity");
}

} // namespace

Result<Rule> parse_rule(const nlohmann::json& entry, std::string place)
{
  if (!entry.is_object()) return Error(Errc::misconfigured, place + ": must be an object, { ... }");
  ObjectReader reader(entry, std::move(place));
  reader.refuse_others(rule_keys(), later_rule_keys());
  Rule rule;
  rule.match = parse_match(reader);
  rule.provider = parse_provider(reader);
  rule.anonymous = reader.flag("anonymous").value_or(false);
  read_token_keys(reader, rule);
  rule.profile = reader.text("profile", k_max_profile);
  rule.region = reader.text("region", k_max_region);
  rule.endpoint = reader.text("endpoint", k_max_url);
  rule.registry = reader.text("registry", k_max_pattern);
  rule.role_arn = reader.text("role_arn", k_max_role);
  rule.role_session_name = reader.text("role_session_name", k_max_session);
  rule.external_id = reader.text("external_id", k_max_external_id);
  rule.web_identity = read_web_identity(reader, entry);
  rule.environment = reader.variables("environment");
  if (const auto seconds = reader.number("min_remaining_seconds", 0, k_day))
    rule.min_remaining = std::chrono::seconds(*seconds);
  rule.probe = reader.flag("probe").value_or(false);
  refuse_keys_of_others(reader, rule.provider);
  if (rule.provider == "env") rule.env = read_env_rule(reader);
  if (rule.provider == "exec") rule.exec = read_exec_rule(reader);
  if (const auto read = reader.verdict(); !read) return read.error();

  check_region(reader, rule);
  check_endpoint(reader, rule);
  check_role(reader, rule);
  check_web_identity(reader, rule);
  if (rule.provider == "ecr") check_ecr_hosts(reader, rule);
  if (const auto checked = reader.verdict(); !checked) return checked.error();
  return rule;
}

} // namespace purser
