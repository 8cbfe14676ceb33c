#pragma once

#include "common/aws_partition.hpp"
#include "common/result.hpp"

#include <string>
#include <string_view>
#include <utility>

namespace purser::aws {

// A region, safe to build a host name from.
struct Region {
  Region(std::string n, bool f) : name(std::move(n)), fips(f) {}

  std::string name;
  bool fips; // written in the old way, as `fips-us-east-1` or `us-east-1-fips`
};

// misconfigured unless `text` is one label of a host name: `evil.example/#` would send
// signed requests elsewhere.
[[nodiscard]] Result<Region> parse_region(std::string_view text);

// The partition of a region; AWS's main one for a region that is newer than this program.
[[nodiscard]] const AwsPartition& partition_of(std::string_view region);

} // namespace purser::aws
