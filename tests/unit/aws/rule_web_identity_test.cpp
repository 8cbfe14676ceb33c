#include "daemon/providers/aws/sources/source.hpp"
#include "tests/support/jwt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
using test::jwt;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using From = WebIdentityRule::From;

constexpr std::string_view k_url = "ACTIONS_ID_TOKEN_REQUEST_URL=https://ci.example.test/t?v=2";
constexpr std::string_view k_token = "ACTIONS_ID_TOKEN_REQUEST_TOKEN=fake-request-token";

Result<FoundSource> find(const WebIdentityRule& rule,
                         std::string variables,
                         bool local = true,
                         std::string_view arn = "arn:aws:iam::1:role/ci")
{
  std::replace(variables.begin(), variables.end(), ';', '\0');
  const auto asker = std::make_shared<const Asker>(Environment(variables), "/cwd", local);
  RoleRequest role;
  role.arn = arn;
  role.session_name = "me";
  return sources::rule_web_identity(Standpoint::of_asker(asker, std::nullopt), std::move(role),
                                    rule);
}

std::string job_variables(std::string_view url = k_url)
{
  return std::string(url) + ";" + std::string(k_token);
}

std::string audience_of(const Result<FoundSource>& found)
{
  return found ? std::get<JobIdentity>(found->origin).audience : found.error().what;
}

std::string refusal(const Result<FoundSource>& found)
{
  return found ? "found" : std::string(to_string(found.error().code)) + ": " + found.error().what;
}

// Jobs of GitHub Actions

TEST(RuleWebIdentity, AJobBringsItsEndpointAndWhatItIsAskedWith)
{
  const auto found = find(WebIdentityRule(From::actions), job_variables());
  ASSERT_TRUE(found) << found.error().what;
  const auto& identity = std::get<JobIdentity>(found->origin);
  EXPECT_EQ(identity.url, "https://ci.example.test/t?v=2");
  EXPECT_EQ(identity.request_token.reveal(), "fake-request-token");
  EXPECT_EQ(identity.audience, "sts.amazonaws.com");
  EXPECT_EQ(identity.role.arn, "arn:aws:iam::1:role/ci");
  EXPECT_EQ(identity.role.session_name, "me");
}

TEST(RuleWebIdentity, AnAudienceIsThatOfTheRuleOrOfTheRolesPartition)
{
  WebIdentityRule rule(From::actions);
  EXPECT_EQ(audience_of(find(rule, job_variables(), true, "arn:aws-cn:iam::1:role/ci")),
            "sts.amazonaws.com.cn");
  EXPECT_EQ(audience_of(find(rule, job_variables(), true, "arn:aws-us-gov:iam::1:role/ci")),
            "sts.amazonaws.com");
  rule.audience = "mine";
  EXPECT_EQ(audience_of(find(rule, job_variables(), true, "arn:aws-cn:iam::1:role/ci")), "mine");
}

TEST(RuleWebIdentity, AJobThatMayNotHaveOneIsToldWhatToWrite)
{
  const WebIdentityRule rule(From::actions);
  EXPECT_THAT(refusal(find(rule, "")),
              AllOf(HasSubstr("misconfigured: ACTIONS_ID_TOKEN_REQUEST_URL is not set"),
                    HasSubstr("permissions: id-token: write")));
  EXPECT_THAT(refusal(find(rule, std::string(k_token))),
              HasSubstr("ACTIONS_ID_TOKEN_REQUEST_URL is not set"));
  EXPECT_THAT(refusal(find(rule, std::string(k_url))),
              AllOf(HasSubstr("misconfigured: ACTIONS_ID_TOKEN_REQUEST_TOKEN is not set"),
                    HasSubstr("permissions: id-token: write")));
}

TEST(RuleWebIdentity, ARequestTokenGoesOverHttpToThisMachineOnly)
{
  const WebIdentityRule rule(From::actions);
  for (const std::string_view host : {"127.0.0.1:8080", "127.8.9.1", "localhost", "[::1]:1"})
    EXPECT_TRUE(
        find(rule, job_variables("ACTIONS_ID_TOKEN_REQUEST_URL=http://" + std::string(host))))
        << host;
  for (const std::string_view host :
       {"ci.example.test", "10.0.0.1", "127.0.0.1.example.test", "localhost.example.test",
        "169.254.169.254", "127.0.0.1@ci.example.test", "127.1", "2130706433",
        "ci.example.test#127.0.0.1", "[::ffff:10.0.0.1]"}) {
    const auto found =
        find(rule, job_variables("ACTIONS_ID_TOKEN_REQUEST_URL=http://" + std::string(host)));
    EXPECT_THAT(refusal(found), HasSubstr("misconfigured: ACTIONS_ID_TOKEN_REQUEST_URL")) << host;
  }
}

TEST(RuleWebIdentity, TheLoopbackOfAStrangerIsNotOurs)
{
  const WebIdentityRule rule(From::actions);
  EXPECT_THAT(
      refusal(find(rule, job_variables("ACTIONS_ID_TOKEN_REQUEST_URL=http://127.0.0.1"), false)),
      HasSubstr("over https only"));
  EXPECT_TRUE(find(rule, job_variables(), false));
}

// Tokens in variables

TEST(RuleWebIdentity, ATokenIsTakenFromItsVariable)
{
  const WebIdentityRule rule(From::variable, "AWS_ID_TOKEN");
  const auto token = jwt(R"({"iss":"https://gitlab","sub":"project:1"})");
  for (const bool local : {true, false}) {
    const auto found = find(rule, "AWS_ID_TOKEN= " + token + "\n", local);
    ASSERT_TRUE(found) << found.error().what;
    const auto& identity = std::get<SentIdentity>(found->origin);
    EXPECT_EQ(identity.token.reveal(), token);
    EXPECT_EQ(identity.by_stranger, !local);
    EXPECT_EQ(found->place, "the variable AWS_ID_TOKEN");
  }
}

TEST(RuleWebIdentity, AVariableWithoutATokenIsNamedAndNotQuoted)
{
  const WebIdentityRule rule(From::variable, "AWS_ID_TOKEN");
  for (const std::string_view nothing : {"", "AWS_ID_TOKEN=", "AWS_ID_TOKEN=  "})
    EXPECT_THAT(
        refusal(find(rule, std::string(nothing))),
        AllOf(HasSubstr("misconfigured: the variable AWS_ID_TOKEN"), HasSubstr("is not set")));
  for (const std::string_view wrong :
       {"fake-secret", "fake.secret", "a.b.fake-secret", "$AWS_ID_TOKEN"})
    EXPECT_THAT(refusal(find(rule, "AWS_ID_TOKEN=" + std::string(wrong))),
                AllOf(HasSubstr("misconfigured: the variable AWS_ID_TOKEN"), HasSubstr("a JWT"),
                      Not(HasSubstr("secret"))));
}

// Files

TEST(RuleWebIdentity, AFileIsThatOfTheRule)
{
  const auto found = find(WebIdentityRule(From::file, "/run/token"), "");
  ASSERT_TRUE(found);
  EXPECT_EQ(std::get<WebIdentity>(found->origin).token_file, "/run/token");
  EXPECT_EQ(std::get<WebIdentity>(found->origin).role.session_name, "me");
}

} // namespace
} // namespace purser::aws
