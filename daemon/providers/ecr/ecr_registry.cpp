#include "daemon/providers/ecr/ecr_registry.hpp"

#include "common/ecr_host.hpp"
#include "daemon/providers/aws/region.hpp"

#include <optional>

namespace purser::ecr {
namespace {

// ECR Public's API is in one region, whatever the client's.
constexpr std::string_view k_public_region = "us-east-1";

std::optional<EcrHost> parse_host(const RegistryKey& key)
{
  return key.opaque() || !key.port().empty() ? std::nullopt : parse_ecr_host(key.host());
}

bool is_public(const EcrHost& host)
{
  return host.kind == EcrHost::Kind::public_registry;
}

Error no_ecr_host(std::string_view host)
{
  return Error{Errc::misconfigured,
               std::string(host) + " is no ECR registry: give its rule the \"registry\" of ECR "
                                   "that is behind it, or another provider"};
}

} // namespace

Result<EcrRegistry> find_registry(const Rule& rule, const RegistryKey& key)
{
  const auto behind = rule.registry ? RegistryKey::parse(*rule.registry) : std::optional(key);
  const auto host = behind ? parse_host(*behind) : std::nullopt;
  if (!host) return no_ecr_host(rule.registry ? *rule.registry : key.registry());

  EcrRegistry registry;
  registry.api = is_public(*host) ? Api::ecr_public : Api::ecr;
  registry.region = is_public(*host) ? k_public_region : host->region;
  registry.fips = host->fips;
  registry.dual_stack = host->dual_stack;
  if (rule.region) {
    auto region = aws::parse_region(*rule.region);
    if (!region) return region.error();
    registry.region = std::move(region->name);
    registry.fips = registry.fips || region->fips;
  }
  return registry;
}

bool serves(const RegistryKey& key)
{
  return parse_host(key).has_value();
}

bool anonymous(const RegistryKey& key)
{
  const auto host = parse_host(key);
  return host && is_public(*host);
}

} // namespace purser::ecr
