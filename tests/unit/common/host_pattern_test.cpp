#include "common/host_pattern.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string_view>

namespace purser {
namespace {

struct Row {
  std::string_view pattern;
  std::string_view registry;
  std::string_view repository;
};

constexpr std::array k_claimed{
    Row{"ghcr.io", "ghcr.io", ""},
    Row{"ghcr.io", "ghcr.io", "team/app"},
    Row{"localhost:5000", "localhost:5000", "team"},
    Row{"*.example.org", "registry.example.org", ""},
    Row{"*.dkr.ecr.*.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com", "app"},
    Row{"*.example.org:5000", "a.example.org:5000", ""},
    Row{"*", "localhost", ""},
    Row{"ghcr.io/*", "ghcr.io", "team"},
    Row{"ghcr.io/*", "ghcr.io", "team/app"},
    Row{"ghcr.io/team", "ghcr.io", "team"},
    Row{"ghcr.io/team/*", "ghcr.io", "team/app"},
    Row{"ghcr.io/team/*", "ghcr.io", "team/app/deep"},
    Row{"[::1]:5000", "[::1]:5000", ""},
    Row{"[::1]", "[::1]", "app"},
    Row{"https://index.docker.io/v1/access-token", "https://index.docker.io/v1/access-token", ""},
};

constexpr std::array k_not_claimed{
    Row{"ghcr.io", "ghcr.io.evil.example", ""},
    Row{"ghcr.io", "xghcr.io", ""},
    Row{"ghcr.io", "a.ghcr.io", ""},
    Row{"ghcr.io", "ghcr", ""},
    Row{"ghcr.io", "ghcr.io:5000", ""},
    Row{"ghcr.io:5000", "ghcr.io", ""},
    Row{"ghcr.io:5000", "ghcr.io:500", ""},
    Row{"ghcr.io:500", "ghcr.io:5000", ""},
    Row{"*.example.org", "example.org", ""},
    Row{"*.example.org", ".example.org", ""},
    Row{"*.example.org", "a.b.example.org", ""},
    Row{"*.example.org", "a.example.org:5000", ""},
    Row{"*", "ghcr.io", ""},
    Row{"*", "localhost:5000", ""},
    Row{"*", "", ""},
    Row{"a*.example.org", "ab.example.org", ""},
    Row{"*.dkr.ecr.*.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com.cn", ""},
    Row{"*.dkr.ecr.*.amazonaws.com", "evil.123456789012.dkr.ecr.us-east-1.amazonaws.com", ""},
    Row{"ghcr.io/*", "ghcr.io", ""},
    Row{"ghcr.io/team", "ghcr.io", ""},
    Row{"ghcr.io/team", "ghcr.io", "team/app"},
    Row{"ghcr.io/team", "ghcr.io", "team-b"},
    Row{"ghcr.io/team/*", "ghcr.io", "team"},
    Row{"ghcr.io/team/*", "ghcr.io", "team-b/app"},
    Row{"ghcr.io/team/*", "ghcr.io", "other/team/app"},
    Row{"ghcr.io/team/*", "ghcr.io.evil.example", "team/app"},
    Row{"ghcr.io/*/app", "ghcr.io", "team/app"},
    Row{"[::1]:5000", "[::1]:5001", ""},
    Row{"[::1]", "[::1]:5000", ""},
    Row{"*", "https://index.docker.io/v1/access-token", ""},
    Row{"*.docker.*", "https://index.docker.io/v1/access-token", ""},
    Row{"docker.io", "https://index.docker.io/v1/access-token", ""},
    Row{"", "ghcr.io", ""},
    Row{"/*", "ghcr.io", "team"},
};

TEST(HostPattern, ClaimsWholeLabelsAndTheRestOfAPath)
{
  for (const auto& row : k_claimed)
    EXPECT_TRUE(pattern_matches(row.pattern, row.registry, row.repository))
        << row.pattern << " " << row.registry << " " << row.repository;
}

TEST(HostPattern, ClaimsNothingElse)
{
  for (const auto& row : k_not_claimed)
    EXPECT_FALSE(pattern_matches(row.pattern, row.registry, row.repository))
        << row.pattern << " " << row.registry << " " << row.repository;
}

} // namespace
} // namespace purser
