#include "daemon/providers/aws/endpoint.hpp"
#include "daemon/providers/aws/region.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {

struct Row {
  const Service& service;
  std::string_view region;
  EndpointChoice choice;
  std::string_view expected; // URLs with a space between
};

constexpr EndpointChoice k_plain{};
constexpr EndpointChoice k_fips{true, false};
constexpr EndpointChoice k_dual{false, true};
constexpr EndpointChoice k_both{true, true};

const std::array k_rows{
    Row{k_ecr, "us-east-1", k_plain, "https://api.ecr.us-east-1.amazonaws.com/"},
    Row{k_ecr, "us-east-1", k_dual, "https://ecr.us-east-1.api.aws/"},
    Row{k_ecr, "us-east-1", k_fips,
        "https://api.ecr-fips.us-east-1.amazonaws.com/ https://ecr-fips.us-east-1.amazonaws.com/"},
    Row{k_ecr, "us-east-1", k_both, "https://ecr-fips.us-east-1.api.aws/"},
    Row{k_ecr, "cn-north-1", k_plain, "https://api.ecr.cn-north-1.amazonaws.com.cn/"},
    Row{k_ecr, "cn-north-1", k_dual, "https://ecr.cn-north-1.api.amazonwebservices.com.cn/"},
    Row{k_ecr, "us-gov-west-1", k_plain, "https://api.ecr.us-gov-west-1.amazonaws.com/"},
    Row{k_ecr, "us-iso-east-1", k_plain, "https://api.ecr.us-iso-east-1.c2s.ic.gov/"},
    Row{k_ecr, "us-isob-east-1", k_plain, "https://api.ecr.us-isob-east-1.sc2s.sgov.gov/"},
    Row{k_ecr, "eu-isoe-west-1", k_plain, "https://api.ecr.eu-isoe-west-1.cloud.adc-e.uk/"},
    Row{k_ecr, "us-isof-south-1", k_plain, "https://api.ecr.us-isof-south-1.csp.hci.ic.gov/"},
    Row{k_ecr, "eusc-de-east-1", k_plain, "https://api.ecr.eusc-de-east-1.amazonaws.eu/"},
    Row{k_ecr, "xx-new-1", k_plain, "https://api.ecr.xx-new-1.amazonaws.com/"},
    Row{k_signin, "eu-west-1", k_plain, "https://eu-west-1.signin.aws.amazon.com/"},
    Row{k_signin, "cn-north-1", k_plain, "https://cn-north-1.signin.amazonaws.cn/"},
    Row{k_signin, "us-gov-west-1", k_plain, "https://us-gov-west-1.signin.amazonaws-us-gov.com/"},
    Row{k_signin, "us-iso-east-1", k_plain, "https://us-iso-east-1.signin.c2shome.ic.gov/"},
    Row{k_signin, "us-isob-east-1", k_plain, "https://us-isob-east-1.signin.sc2shome.sgov.gov/"},
    Row{k_signin, "eusc-de-east-1", k_plain, "https://signin.eusc-de-east-1.amazonaws.eu/"},
    Row{k_signin, "us-east-1", k_dual, "https://signin.us-east-1.api.aws/"},
    Row{k_signin, "us-east-1", k_fips, "https://signin-fips.us-east-1.amazonaws.com/"},
    Row{k_signin, "us-east-1", k_both, "https://signin-fips.us-east-1.api.aws/"},
    Row{k_ecr_public, "us-east-1", k_plain, "https://api.ecr-public.us-east-1.amazonaws.com/"},
    Row{k_ecr_public, "us-east-1", k_dual, "https://ecr-public.us-east-1.api.aws/"},
};

TEST(Endpoint, IsThatOfThePartition)
{
  for (const auto& row : k_rows) {
    std::string urls;
    for (const auto& url : endpoint_urls(row.service, row.region, row.choice))
      urls += (urls.empty() ? "" : " ") + url;
    EXPECT_EQ(urls, row.expected);
  }
}

TEST(Region, IsOneLabelOfAHost)
{
  for (const std::string_view text :
       {"", "evil.example", "evil.example/#", "us east", "us-east-1.", "-us", "us-", "us_east",
        "a/b", "u%73", "us-east-1\n", "fips-"})
    EXPECT_FALSE(parse_region(text)) << text;
  EXPECT_FALSE(parse_region(std::string(64, 'a')));
  EXPECT_EQ(parse_region("EU-West-1")->name, "eu-west-1");
}

TEST(Region, HasAnOldFipsSpelling)
{
  EXPECT_EQ(parse_region("fips-us-east-1")->name, "us-east-1");
  EXPECT_TRUE(parse_region("fips-us-east-1")->fips);
  EXPECT_EQ(parse_region("us-east-1-fips")->name, "us-east-1");
  EXPECT_TRUE(parse_region("us-east-1-fips")->fips);
  EXPECT_FALSE(parse_region("us-east-1")->fips);
}

} // namespace
} // namespace purser::aws
