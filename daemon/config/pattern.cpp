#include "daemon/config/pattern.hpp"

#include "common/ecr_host.hpp"
#include "common/registry_key.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

namespace purser {
namespace {

// One region of every partition: whether a pattern fits ECR's grammar is asked of
// the grammar itself, with these in place of `*`.
constexpr std::array<std::string_view, 8> k_sample_regions{
    "us-east-1",     "cn-north-1",     "us-gov-west-1",  "eusc-de-east-1",
    "us-iso-east-1", "us-isob-east-1", "eu-isoe-west-1", "us-isof-south-1"};
constexpr std::string_view k_sample_account = "123456789012";

std::size_t component_end(std::string_view text, std::size_t from)
{
  return std::min(text.find_first_of("./:", from), text.size());
}

// `*` as part of a label, or in the path anywhere but at its end.
bool has_partial_wildcard(std::string_view pattern)
{
  const auto path = std::min(pattern.find('/'), pattern.size());
  for (auto star = pattern.find('*'); star != std::string_view::npos;
       star = pattern.find('*', star + 1)) {
    const bool last = star + 1 == pattern.size();
    const char before = star == 0 ? '.' : pattern[star - 1];
    const char after = last ? '/' : pattern[star + 1];
    if (star > path && (before != '/' || !last)) return true;
    if (star < path && (before != '.' || (after != '.' && after != ':' && after != '/')))
      return true;
  }
  return false;
}

// The host with the account in place of a leading `*` and `region` in place of others.
std::string sample_host(std::string_view host, std::string_view region)
{
  std::string sample;
  for (std::size_t from = 0; from <= host.size();) {
    const auto end = component_end(host, from);
    const auto label = host.substr(from, end - from);
    if (from != 0) sample += '.';
    sample += label != "*" ? label : from == 0 ? k_sample_account : region;
    from = end + 1;
  }
  return sample;
}

} // namespace

std::string_view pattern_host(std::string_view pattern)
{
  const auto host = pattern.substr(0, pattern.find('/'));
  if (host.starts_with('[')) return host.substr(0, host.find(']') + 1);
  return host.substr(0, host.find(':'));
}

Result<> check_pattern(std::string_view pattern)
{
  if (pattern.empty()) return Error(Errc::misconfigured, "is empty");
  if (pattern.find("://") != std::string_view::npos)
    return Error(Errc::misconfigured, "is a URL; write the host without https://");
  if (has_partial_wildcard(pattern))
    return Error(Errc::misconfigured,
                 "has a * that is not a whole label of the host or the last part of the path");
  // The parser of keys decides what is canonical; a letter stands in for `*`.
  std::string literal(pattern);
  std::replace(literal.begin(), literal.end(), '*', 'x');
  const auto key = RegistryKey::parse(literal);
  if (!key) return Error(Errc::misconfigured, "is not host[:port][/path]");
  if (key->text() != literal)
    return Error(Errc::misconfigured,
                 "is not in canonical form: lower case, no :443, no trailing / or dot; "
                 "Docker Hub is docker.io");
  return {};
}

bool is_ecr_pattern(std::string_view pattern)
{
  const auto host = pattern_host(pattern);
  return std::any_of(k_sample_regions.begin(), k_sample_regions.end(), [host](auto region) {
    return parse_ecr_host(sample_host(host, region)).has_value();
  });
}

} // namespace purser
