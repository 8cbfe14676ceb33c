#pragma once

#include <optional>
#include <string_view>

namespace purser {

// The parts of the host name of an Amazon ECR registry. The views point into the
// host that was parsed.
struct EcrHost {
  enum class Kind { private_registry, public_registry };

  Kind kind = Kind::private_registry;
  std::string_view account;   // 12 digits; empty for ECR Public
  std::string_view region;    // empty for ECR Public
  std::string_view partition; // "aws", "aws-cn", "aws-us-gov", "aws-eusc", "aws-iso", ...
  bool fips = false;
  bool dual_stack = false;
};

// Nothing unless the whole of `host` (lower case, no port, see RegistryKey) is an
// ECR host name of one of the known partitions, and its region belongs to that
// partition. Never a match by prefix or suffix.
//
// Source: the grammar that amazon-ecr-credential-helper 0.12 and the Kubernetes
// cloud provider for AWS share, and the partitions of botocore's endpoint rules.
[[nodiscard]] std::optional<EcrHost> parse_ecr_host(std::string_view host);

} // namespace purser
