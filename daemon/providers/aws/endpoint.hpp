#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace purser::aws {

// `REGION.suffix`, in one partition.
struct PartitionHosts {
  std::string_view partition;
  std::string_view suffix;
};

// A service's host names: these words, the region, and a suffix of the partition.
struct Service {
  std::string_view id; // in AWS_ENDPOINT_URL_<id>, and in lower case in a `services` section
  std::string_view signing_name;
  std::string_view normal;
  std::string_view dual_stack;
  std::string_view fips;
  std::string_view fips_dual_stack;
  std::string_view older_fips;                 // what older lists of endpoints say; empty: the same
  std::span<const PartitionHosts> own_hosts{}; // instead of the normal ones, in some partitions
};

// Source: botocore's endpoint rule sets and the service endpoint lists of the AWS
// General Reference, which do not agree on the FIPS name of ECR.
inline constexpr Service k_ecr{"ECR",          "ecr",      "api.ecr", "ecr",
                               "api.ecr-fips", "ecr-fips", "ecr-fips"};
inline constexpr Service k_ecr_public{"ECR_PUBLIC",
                                      "ecr-public",
                                      "api.ecr-public",
                                      "ecr-public",
                                      "api.ecr-public-fips",
                                      "api.ecr-public-fips",
                                      ""};
// The portal of IAM Identity Center, and what renews its sessions. Without FIPS endpoints.
inline constexpr Service k_sso{
    "SSO", "awsssoportal", "portal.sso", "portal.sso", "portal.sso", "portal.sso", ""};
inline constexpr Service k_sso_oidc{"SSO_OIDC", "sso-oauth", "oidc", "oidc", "oidc", "oidc", ""};
inline constexpr Service k_sts{"STS", "sts", "sts", "sts", "sts-fips", "sts-fips", ""};
// AWS Sign-In, which renews sessions of `aws login`.
inline constexpr std::array k_signin_hosts{
    PartitionHosts{"aws", "signin.aws.amazon.com"}, PartitionHosts{"aws-cn", "signin.amazonaws.cn"},
    PartitionHosts{"aws-us-gov", "signin.amazonaws-us-gov.com"},
    PartitionHosts{"aws-iso", "signin.c2shome.ic.gov"},
    PartitionHosts{"aws-iso-b", "signin.sc2shome.sgov.gov"}};
inline constexpr Service k_signin{"SIGNIN",      "signin",      "signin", "signin",
                                  "signin-fips", "signin-fips", "",       k_signin_hosts};

struct EndpointChoice {
  bool fips = false;
  bool dual_stack = false;
};

// The URLs where the service may be, the likeliest first. `region` is that of a Region.
[[nodiscard]] std::vector<std::string>
endpoint_urls(const Service& service, std::string_view region, EndpointChoice choice);

} // namespace purser::aws
