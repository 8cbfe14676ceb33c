#include "common/ecr_host.hpp"

#include "common/aws_partition.hpp"
#include "common/slice.hpp"

#include <cstddef>

namespace purser {
namespace {

constexpr bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

constexpr bool is_region_byte(char c)
{
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '_' || c == '-';
}

bool drop_prefix(std::string_view& text, std::string_view prefix)
{
  if (!begins_with(text, prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Takes the bytes at the beginning that `belongs` accepts.
std::string_view take_while(std::string_view& text, bool (*belongs)(char))
{
  std::size_t size = 0;
  while (size < text.size() && belongs(text[size]))
    ++size;
  const std::string_view taken = head(text, size);
  text.remove_prefix(size);
  return taken;
}

bool is_public(std::string_view host)
{
  return host == "public.ecr.aws" || host == "ecr-public.aws.com";
}

EcrHost public_host(std::string_view host)
{
  EcrHost parsed;
  parsed.kind = EcrHost::Kind::public_registry;
  parsed.partition = k_aws_partitions.front().name;
  parsed.dual_stack = host == "ecr-public.aws.com";
  return parsed;
}

} // namespace

// account ".dkr" ("." / "-") "ecr" [ "-fips" ] "." region "." suffix
std::optional<EcrHost> parse_ecr_host(std::string_view host)
{
  if (is_public(host)) return public_host(host);

  EcrHost parsed;
  std::string_view rest = host;
  parsed.account = take_while(rest, is_digit);
  if (parsed.account.size() != 12) return std::nullopt;
  if (!drop_prefix(rest, ".dkr.ecr") && !drop_prefix(rest, ".dkr-ecr")) return std::nullopt;
  parsed.fips = drop_prefix(rest, "-fips");
  if (!drop_prefix(rest, ".")) return std::nullopt;
  parsed.region = take_while(rest, is_region_byte);
  if (!drop_prefix(rest, ".")) return std::nullopt;

  const AwsPartition* partition = find_partition(parsed.region);
  if (partition == nullptr) return std::nullopt;
  parsed.partition = partition->name;
  parsed.dual_stack =
      !partition->registry_dual_suffix.empty() && rest == partition->registry_dual_suffix;
  if (!parsed.dual_stack && rest != partition->dns_suffix) return std::nullopt;
  return parsed;
}

} // namespace purser
