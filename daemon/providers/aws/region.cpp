#include "daemon/providers/aws/region.hpp"

#include "common/ascii.hpp"

#include <algorithm>

namespace purser::aws {
namespace {

constexpr std::size_t k_max_label = 63;

bool is_label_byte(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

} // namespace

Result<Region> parse_region(std::string_view text)
{
  std::string name(text);
  std::transform(name.begin(), name.end(), name.begin(), ascii_lower);
  const bool is_label = !name.empty() && name.size() <= k_max_label && name.front() != '-' &&
                        name.back() != '-' && std::all_of(name.begin(), name.end(), is_label_byte);
  if (!is_label)
    return Error{Errc::misconfigured, "the AWS region is not valid: it is a word like us-east-1"};

  constexpr std::string_view k_before = "fips-";
  constexpr std::string_view k_after = "-fips";
  if (name.starts_with(k_before)) return Region(name.substr(k_before.size()), true);
  if (name.ends_with(k_after)) return Region(name.substr(0, name.size() - k_after.size()), true);
  return Region(std::move(name), false);
}

const AwsPartition& partition_of(std::string_view region)
{
  const AwsPartition* found = find_partition(region);
  return found == nullptr ? k_aws_partitions.front() : *found;
}

} // namespace purser::aws
