#include "daemon/config/routes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace purser {
namespace {

Rule rule(std::string match, std::string provider = "store")
{
  Rule made;
  made.match = std::move(match);
  made.provider = std::move(provider);
  return made;
}

Rule custom_domain(std::string match, std::string registry)
{
  auto made = rule(std::move(match), "ecr");
  made.registry = std::move(registry);
  return made;
}

std::vector<Rule> rules_for(const std::vector<std::string>& patterns)
{
  std::vector<Rule> rules;
  rules.reserve(patterns.size());
  for (const auto& pattern : patterns)
    rules.push_back(rule(pattern));
  return rules;
}

// The pattern of the rule that answers, or "-".
std::string route(const std::vector<Rule>& rules, std::string_view asked)
{
  const auto key = RegistryKey::parse(asked);
  if (!key) return "not a key";
  const Routes routes(rules);
  const auto* found = routes.find(*key);
  return found == nullptr ? "-" : found->match;
}

struct Row {
  std::vector<std::string> patterns;
  std::string asked;
  std::string winner;
};

const std::vector<Row> k_table{
    {{}, "a.example", "-"},
    {{"a.example"}, "a.example", "a.example"},
    {{"a.example"}, "https://A.example:443/v2/", "a.example"},
    {{"a.example"}, "b.example", "-"},
    {{"a.example"}, "x.a.example", "-"},
    {{"a.example"}, "a.example.evil.example", "-"},
    {{"a.example"}, "a.example:5000", "-"},
    {{"a.example:5000"}, "a.example", "-"},
    {{"a.example:5000"}, "a.example:5000", "a.example:5000"},
    {{"*.example"}, "a.example", "*.example"},
    {{"*.example"}, "example", "-"},
    {{"*.example"}, "a.b.example", "-"},
    // the most literal labels
    {{"*.example", "a.example"}, "a.example", "a.example"},
    {{"a.example", "*.example"}, "a.example", "a.example"},
    {{"a.example", "*.example"}, "b.example", "*.example"},
    {{"*.*.example", "*.b.example", "a.b.example"}, "a.b.example", "a.b.example"},
    {{"*.*.example", "*.b.example", "a.b.example"}, "x.b.example", "*.b.example"},
    {{"*.*.example", "*.b.example", "a.b.example"}, "x.y.example", "*.*.example"},
    // labels of the host before the length of a path
    {{"*.example/a/very/long/path/*", "a.example"}, "a.example/a/very/long/path/x", "a.example"},
    // then the longest
    {{"a.example", "a.example/team/*"}, "a.example/team/web", "a.example/team/*"},
    {{"a.example", "a.example/team/*"}, "a.example/other", "a.example"},
    {{"a.example", "a.example/team/*"}, "a.example", "a.example"},
    {{"a.example/*", "a.example"}, "a.example/x", "a.example/*"},
    {{"a.example/team/*", "a.example/team/sub/*"}, "a.example/team/sub/x", "a.example/team/sub/*"},
    {{"a.example/team/*", "a.example/team/sub/*"}, "a.example/team/x", "a.example/team/*"},
    {{"a.example/team/*", "a.example/team/web"}, "a.example/team/web", "a.example/team/web"},
    {{"a.example/team/*", "a.example/team/w"}, "a.example/team/w", "a.example/team/w"},
    {{"a.example/team/*"}, "a.example/team-b/x", "-"},
    {{"a.example/team/web"}, "a.example/team/web/x", "-"},
    {{"*.bb.example", "aaa.*.example"}, "aaa.bb.example", "aaa.*.example"},
    // then the first
    {{"*.b.example", "a.*.example"}, "a.b.example", "*.b.example"},
    {{"a.*.example", "*.b.example"}, "a.b.example", "a.*.example"},
    // addresses and Docker Hub
    {{"[::1]:5000"}, "[::1]:5000", "[::1]:5000"},
    {{"docker.io"}, "https://index.docker.io/v1/", "docker.io"},
    {{"docker.io", "*.io"}, "https://index.docker.io/v1/access-token", "-"},
};

TEST(Routes, TakesTheMostSpecificRule)
{
  for (const auto& row : k_table) {
    const auto rules = rules_for(row.patterns);
    EXPECT_EQ(route(rules, row.asked), row.winner) << row.asked;
  }
}

TEST(Routes, DoNotDependOnTheOrderUnlessTwoAreEqual)
{
  std::vector<std::string> patterns{"*.example",     "a.example",     "a.example/*",
                                    "a.example/t/*", "a.example/t/w", "a.example:5000"};
  std::sort(patterns.begin(), patterns.end());
  int count = 0;
  do {
    const auto rules = rules_for(patterns);
    ASSERT_EQ(route(rules, "a.example/t/w"), "a.example/t/w");
    ASSERT_EQ(route(rules, "a.example/t/v"), "a.example/t/*");
    ASSERT_EQ(route(rules, "a.example/v"), "a.example/*");
    ASSERT_EQ(route(rules, "a.example"), "a.example");
    ASSERT_EQ(route(rules, "b.example"), "*.example");
    ++count;
  } while (std::next_permutation(patterns.begin(), patterns.end()));
  EXPECT_EQ(count, 720);
}

TEST(Routes, GiveEcrOnlyToHostsOfItsGrammar)
{
  const std::vector<Rule> rules{rule("*.dkr.ecr.*.amazonaws.com", "ecr")};
  EXPECT_EQ(route(rules, "123456789012.dkr.ecr.us-east-1.amazonaws.com"),
            "*.dkr.ecr.*.amazonaws.com");
  for (const auto* other :
       {"evil.dkr.ecr.us-east-1.amazonaws.com", "123456789012.dkr.ecr.nowhere.amazonaws.com",
        "123456789012.dkr.ecr.cn-north-1.amazonaws.com"})
    EXPECT_EQ(route(rules, other), "-") << other;
}

TEST(Routes, SkipAnEcrRuleForAnotherThatMayAnswer)
{
  const std::vector<Rule> rules{rule("*.dkr.ecr.us-east-1.amazonaws.com", "ecr"),
                                rule("*.*.*.*.amazonaws.com")};
  EXPECT_EQ(route(rules, "evil.dkr.ecr.us-east-1.amazonaws.com"), "*.*.*.*.amazonaws.com");
}

TEST(Routes, GiveEcrToADeclaredDomain)
{
  const std::vector<Rule> rules{
      custom_domain("images.example.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com")};
  EXPECT_EQ(route(rules, "images.example.com/team/web"), "images.example.com");
  EXPECT_EQ(route(rules, "images.example.com.evil.example"), "-");
}

} // namespace
} // namespace purser
