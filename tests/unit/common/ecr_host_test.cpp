#include "common/ecr_host.hpp"
#include "common/registry_key.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace purser {
namespace {

// `account region partition [fips] [dual]`, "public [dual]", or "no".
std::string describe(std::string_view asked)
{
  const auto key = RegistryKey::parse(asked);
  if (!key || !key->port().empty()) return "no";
  const auto host = parse_ecr_host(key->host());
  if (!host) return "no";
  std::string text;
  if (host->kind == EcrHost::Kind::public_registry) {
    text = "public";
  } else {
    text.append(host->account).append(" ").append(host->region);
    text.append(" ").append(host->partition);
  }
  if (host->fips) text += " fips";
  if (host->dual_stack) text += " dual";
  return text;
}

struct Row {
  std::string_view asked;
  std::string_view expected;
};

// The cases that amazon-ecr-credential-helper decides, written anew.
constexpr std::array k_helper_rows{
    Row{"https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/blah/blah",
        "123456789012 us-east-1 aws"},
    Row{"123456789012.dkr.ecr.us-west-2.amazonaws.com", "123456789012 us-west-2 aws"},
    Row{"123456789012.dkr-ecr.us-west-2.on.aws", "123456789012 us-west-2 aws dual"},
    Row{"123456789012.dkr-ecr-fips.us-west-2.on.aws", "123456789012 us-west-2 aws fips dual"},
    Row{"210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn/foo", "210987654321 cn-north-1 aws-cn"},
    Row{"210987654321.dkr.ecr.cn-north-1.on.amazonwebservices.com.cn",
        "210987654321 cn-north-1 aws-cn dual"},
    Row{"210987654321.dkr.ecr.us-iso-east-1.c2s.ic.gov", "210987654321 us-iso-east-1 aws-iso"},
    Row{"123456789012.dkr.ecr.us-isob-east-1.sc2s.sgov.gov",
        "123456789012 us-isob-east-1 aws-iso-b"},
    Row{"123456789012.dkr.ecr.eu-isoe-west-1.cloud.adc-e.uk",
        "123456789012 eu-isoe-west-1 aws-iso-e"},
    Row{"123456789012.dkr.ecr.us-isof-east-1.csp.hci.ic.gov",
        "123456789012 us-isof-east-1 aws-iso-f"},
    Row{"123456789012.dkr-ecr.us-gov-east-1.on.aws", "123456789012 us-gov-east-1 aws-us-gov dual"},
    Row{"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
        "123456789012 us-gov-west-1 aws-us-gov fips"},
    Row{"123456789012.dkr-ecr-fips.us-gov-east-1.on.aws",
        "123456789012 us-gov-east-1 aws-us-gov fips dual"},
    Row{"123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "123456789012 eusc-de-east-1 aws-eusc"},
    Row{"public.ecr.aws", "public"},
    Row{"https://public.ecr.aws", "public"},
    Row{"public.ecr.aws/amazonlinux", "public"},
    Row{"https://public.ecr.aws/amazonlinux", "public"},
    Row{"ecr-public.aws.com", "public dual"},
    Row{"https://ecr-public.aws.com", "public dual"},
    Row{"ecr-public.aws.com/amazonlinux", "public dual"},
    Row{".dkr.ecr.not-real.amazonaws.com", "no"},
    Row{"not.ecr.io", "no"},
    Row{"https://123456789012.dkr.ecr.us-west-2.amazonaws.com.fake.example.com/image:latest", "no"},
    Row{"123456789012.dkr.ecr.us-west-2.amazonaws.com.fake.example.com", "no"},
    Row{"210987654321.dkr.ecr-fips.us-gov-west-1.amazonaws.com.fake.example.com", "no"},
    Row{"210987654321.dkr.ecr.cn-north-1.amazonaws.com.cn.fake.example.com.cn", "no"},
    Row{"210987654321.dkr.ecr.cn-north-1.on.aws.com.cn", "no"},
    Row{"public.ecr.aws.fake.example.com", "no"},
    Row{"https://public.ecr.aws.fake.example.com", "no"},
};

constexpr std::array k_our_rows{
    Row{"12345678901.dkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"1234567890123.dkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"12345678901a.dkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"x123456789012.dkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"evil.123456789012.dkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"user@123456789012.dkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.com:443", "123456789012 us-east-1 aws"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.com:8443", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.com:80", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.com.", "123456789012 us-east-1 aws"},
    Row{"123456789012.DKR.ECR.US-EAST-1.AMAZONAWS.COM", "123456789012 us-east-1 aws"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws%2ecom", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.com evil", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.comx", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonawsxcom", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.evil.amazonaws.com", "no"},
    Row{"123456789012xdkr.ecr.us-east-1.amazonaws.com", "no"},
    Row{"123456789012.dkrxecr.us-east-1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr-public.us-east-1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr-fips-x.us-east-1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.a_b.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.us-a_b-1.amazonaws.com", "123456789012 us-a_b-1 aws"},
    Row{"123456789012.dkr.ecr.us-east-.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.us--1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.us-east-1x.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.us-east-1-2.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.xx-east-1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr..amazonaws.com", "no"},
    Row{"evil.example/123456789012.dkr.ecr.us-east-1.amazonaws.com", "no"},
    // A region of another partition than the suffix.
    Row{"123456789012.dkr.ecr.cn-north-1.amazonaws.com", "no"},
    Row{"123456789012.dkr.ecr.us-east-1.amazonaws.com.cn", "no"},
    Row{"123456789012.dkr.ecr.us-gov-west-1.amazonaws.eu", "no"},
    Row{"123456789012.dkr.ecr.us-iso-east-1.sc2s.sgov.gov", "no"},
    Row{"123456789012.dkr.ecr.us-iso-east-1.on.aws", "no"},
    Row{"123456789012.dkr.ecr.eusc-de-east-1.on.aws", "no"},
    // Both separators go with every suffix.
    Row{"123456789012.dkr-ecr.us-east-1.amazonaws.com", "123456789012 us-east-1 aws"},
    Row{"123456789012.dkr.ecr.us-east-1.on.aws", "123456789012 us-east-1 aws dual"},
    Row{"www.public.ecr.aws", "no"},
    Row{"public.ecr.aws:5000", "no"},
    Row{"xpublic.ecr.aws", "no"},
};

TEST(EcrHost, IsDecidedAsAmazonsHelperDoes)
{
  for (const auto& row : k_helper_rows)
    EXPECT_EQ(describe(row.asked), row.expected) << row.asked;
}

TEST(EcrHost, IsMatchedWholeAndInItsPartition)
{
  for (const auto& row : k_our_rows)
    EXPECT_EQ(describe(row.asked), row.expected) << row.asked;
}

TEST(EcrHost, CutShortIsNoEcrHost)
{
  constexpr std::string_view k_host = "123456789012.dkr-ecr-fips.us-west-2.on.aws";
  for (std::size_t size = 0; size < k_host.size(); ++size)
    EXPECT_FALSE(parse_ecr_host(k_host.substr(0, size))) << size;
}

TEST(EcrHost, AnotherByteAnywhereIsNoEcrHost)
{
  constexpr std::string_view k_host = "123456789012.dkr.ecr.us-west-2.amazonaws.com";
  for (std::size_t at = 0; at <= k_host.size(); ++at) {
    std::string changed(k_host);
    changed.insert(at, "/");
    EXPECT_FALSE(parse_ecr_host(changed)) << changed;
  }
}

} // namespace
} // namespace purser
