#pragma once

#include "common/slice.hpp"

#include <array>
#include <cstddef>
#include <string_view>

namespace purser {

// A partition of AWS: an account, a key and a region belong to exactly one.
//
// Source: botocore's partitions.json and the region patterns in it. Needs no
// library, so that the helper can use it.
struct AwsPartition {
  std::string_view name;
  std::string_view dns_suffix;           // of registries and of APIs
  std::string_view dual_stack_suffix;    // of APIs with IPv6
  std::string_view registry_dual_suffix; // of registries with IPv6; empty: there are none
  std::string_view global_region;
  std::string_view region_prefixes; // each with a space behind it
};

inline constexpr std::array<AwsPartition, 8> k_aws_partitions{{
    {"aws", "amazonaws.com", "api.aws", "on.aws", "us-east-1", "us eu ap sa ca me af il mx "},
    {"aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "on.amazonwebservices.com.cn",
     "cn-northwest-1", "cn "},
    {"aws-us-gov", "amazonaws.com", "api.aws", "on.aws", "us-gov-west-1", "us-gov "},
    {"aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "", "us-iso-east-1", "us-iso "},
    {"aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "", "us-isob-east-1", "us-isob "},
    {"aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "", "eu-isoe-west-1", "eu-isoe "},
    {"aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "", "us-isof-south-1", "us-isof "},
    {"aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "", "eusc-de-east-1", "eusc-de "},
}};

// Whether `text` is `-WORD-NUMBER`: what follows the prefix of a region, in lower case.
[[nodiscard]] constexpr bool is_region_tail(std::string_view text)
{
  constexpr std::string_view k_digits = "0123456789";
  constexpr std::string_view k_word = "abcdefghijklmnopqrstuvwxyz0123456789_";
  const std::size_t word_end = text.find_first_not_of(k_word, 1);
  if (!text.starts_with('-') || word_end == text.npos || word_end == 1) return false;
  const std::string_view number = tail(text, word_end);
  return number.size() > 1 && number.front() == '-' &&
         number.find_first_not_of(k_digits, 1) == number.npos;
}

[[nodiscard]] constexpr bool has_region(const AwsPartition& partition, std::string_view region)
{
  for (std::string_view rest = partition.region_prefixes; !rest.empty();) {
    const std::string_view prefix = head(rest, rest.find(' '));
    rest = tail(rest, prefix.size() + 1);
    if (begins_with(region, prefix) && is_region_tail(tail(region, prefix.size()))) return true;
  }
  return false;
}

// nullptr where no partition has this region.
[[nodiscard]] constexpr const AwsPartition* find_partition(std::string_view region)
{
  for (const auto& partition : k_aws_partitions) {
    if (has_region(partition, region)) return &partition;
  }
  return nullptr;
}

static_assert(find_partition("us-gov-west-1")->name == "aws-us-gov");

} // namespace purser
