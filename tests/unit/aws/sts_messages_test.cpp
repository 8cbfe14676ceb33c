#include "daemon/providers/aws/keys/sts_messages.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
using namespace std::chrono_literals;

constexpr std::string_view k_url = "https://sts.us-east-1.amazonaws.com/";

// The examples of the API reference, without what is not read.
constexpr std::string_view k_assumed = R"(<?xml version="1.0" encoding="UTF-8"?>
<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <SourceIdentity>DevUser123</SourceIdentity>
    <AssumedRoleUser>
      <Arn>arn:aws:sts::123456789012:assumed-role/demo/TestAR</Arn>
      <AssumedRoleId>ARO123EXAMPLE123:TestAR</AssumedRoleId>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAFAKEROLE</AccessKeyId>
      <SecretAccessKey>fake/role+secret</SecretAccessKey>
      <SessionToken>fake//session+token==</SessionToken>
      <Expiration>2026-08-20T11:00:00Z</Expiration>
    </Credentials>
    <PackedPolicySize>8</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata><RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId></ResponseMetadata>
</AssumeRoleResponse>
)";

constexpr std::string_view k_web_identity =
    R"(<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <SubjectFromWebIdentityToken>amzn1.account.AF6RHO7KZU5X</SubjectFromWebIdentityToken>
    <Audience>client.5498841531868486423.1548@apps.example.com</Audience>
    <Credentials>
      <SessionToken>fake//session+token==</SessionToken>
      <SecretAccessKey>fake/role+secret</SecretAccessKey>
      <Expiration>2026-08-20T11:00:00.123456Z</Expiration>
      <AccessKeyId>ASIAFAKEROLE</AccessKeyId>
    </Credentials>
    <Provider>www.amazon.com</Provider>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>
)";

// `text` with `from`, which is in it, replaced.
std::string edited(std::string_view text, std::string_view from, std::string_view to)
{
  std::string result(text);
  const auto at = result.find(from);
  if (at == std::string::npos) {
    ADD_FAILURE() << "no " << from;
    return result;
  }
  return result.replace(at, from.size(), to);
}

// `id secret token seconds`, or the error.
std::string parsed(std::string_view body)
{
  const auto issued = parse_sts_keys(body);
  if (!issued)
    return std::string(to_string(issued.error().code)) + ": " + std::string(issued.error().what);
  const auto& keys = issued->keys;
  const auto end = std::chrono::duration_cast<std::chrono::seconds>(
      issued->expires_at.value_or(WallTime{}).time_since_epoch());
  return keys.access_key_id + " " + std::string(keys.secret.reveal()) + " " +
         std::string(keys.session_token.reveal()) + " " + std::to_string(end.count());
}

constexpr std::string_view k_keys =
    "ASIAFAKEROLE fake/role+secret fake//session+token== 1787223600";
constexpr std::string_view k_none = "protocol_error: STS's answer has no credentials";

std::string header(const HttpRequest& request, std::string_view name)
{
  for (const auto& candidate : request.headers)
    if (candidate.name == name) return candidate.value;
  return {};
}

RoleRequest demo_role()
{
  RoleRequest role;
  role.arn = "arn:aws:iam::123456789012:role/demo";
  return role;
}

// Requests

TEST(StsMessages, ARoleIsAskedForAsTheApiReferenceHasIt)
{
  auto role = demo_role();
  role.session_name = "testAR";
  role.external_id = "123ABC";
  role.duration = 900s;
  const auto request = assume_role_request(std::string(k_url), role, "purser-1");
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, k_url);
  EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(request.body, "Action=AssumeRole&Version=2011-06-15"
                          "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo"
                          "&RoleSessionName=testAR&DurationSeconds=900&ExternalId=123ABC");
}

TEST(StsMessages, WhatTheRoleDoesNotSayIsLeftOutOrOurs)
{
  const auto request = assume_role_request(std::string(k_url), demo_role(), "purser-1");
  EXPECT_EQ(request.body, "Action=AssumeRole&Version=2011-06-15"
                          "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo"
                          "&RoleSessionName=purser-1&DurationSeconds=3600");
}

// All that AWS lets a session or an external id be made of, and what it does not.
TEST(StsMessages, EveryCharacterThatNeedsItIsEncoded)
{
  auto role = demo_role();
  role.arn = "r\xc3\xb6le&Action=DeleteRole";
  role.session_name = "a_=,.@-+z";
  role.external_id = "+=,.@:/- ~_&%\n";
  const auto request = assume_role_request(std::string(k_url), role, "");
  EXPECT_EQ(request.body, "Action=AssumeRole&Version=2011-06-15"
                          "&RoleArn=r%C3%B6le%26Action%3DDeleteRole"
                          "&RoleSessionName=a_%3D%2C.%40-%2Bz&DurationSeconds=3600"
                          "&ExternalId=%2B%3D%2C.%40%3A%2F-%20~_%26%25%0A");
}

TEST(StsMessages, AWebIdentityShowsItsTokenAndNoExternalId)
{
  auto role = demo_role();
  role.session_name = "app1";
  role.external_id = "unheard-of";
  const Secret token("eyJ.fake-payload_-.fake+sig/==");
  const auto request = web_identity_request(std::string(k_url), role, "purser-1", token);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, k_url);
  EXPECT_EQ(header(request, "Content-Type"), "application/x-www-form-urlencoded; charset=utf-8");
  EXPECT_EQ(request.body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                          "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fdemo"
                          "&RoleSessionName=app1&DurationSeconds=3600"
                          "&WebIdentityToken=eyJ.fake-payload_-.fake%2Bsig%2F%3D%3D");
}

// Answers

TEST(StsMessages, BothKindsOfAnswersAreRead)
{
  EXPECT_EQ(parsed(k_assumed), k_keys);
  EXPECT_EQ(parsed(k_web_identity), k_keys);
}

TEST(StsMessages, LinesAndEntitiesAreRead)
{
  EXPECT_EQ(parsed(edited(k_assumed, "fake//session+token==", "\n  fake//session+token==\n ")),
            k_keys);
  EXPECT_EQ(parsed(edited(k_assumed, "fake/role+secret", "fake&#47;role&#x2B;secret")), k_keys);
  EXPECT_EQ(parsed(edited(k_assumed, "fake/role+secret", "<![CDATA[fake/role+secret]]>")), k_keys);
  EXPECT_EQ(parsed(edited(k_assumed, "<Credentials>", "<Credentials><!-- new --><More/>")), k_keys);
}

TEST(StsMessages, EveryElementIsNeeded)
{
  for (const std::string_view name :
       {"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration", "Credentials"}) {
    const auto open = "<" + std::string(name) + ">";
    const auto close = "</" + std::string(name) + ">";
    for (const auto answer : {k_assumed, k_web_identity}) {
      const auto renamed = edited(edited(answer, open, "<Other>"), close, "</Other>");
      EXPECT_EQ(parsed(renamed), k_none) << name;
      const auto begin = answer.find(open) + open.size();
      const auto value = answer.substr(begin, answer.find(close) - begin);
      EXPECT_EQ(parsed(edited(answer, value, "")), k_none) << name;
    }
  }
  EXPECT_EQ(parsed(edited(k_assumed, "2026-08-20T11:00:00Z", "tomorrow")), k_none);
  EXPECT_EQ(parsed(edited(k_assumed, "2026-08-20T11:00:00Z", "2026-08-20T11:00:00+02:00")), k_none);
}

// They would end up in headers.
TEST(StsMessages, KeysThatNoneCouldHaveAreNone)
{
  EXPECT_EQ(parsed(edited(k_assumed, "ASIAFAKEROLE", "ASIA/FAKE")), k_none);
  EXPECT_EQ(parsed(edited(k_assumed, "ASIAFAKEROLE", "ASIA&#13;&#10;X: y")), k_none);
  EXPECT_EQ(parsed(edited(k_assumed, "fake//session+token==", "fake&#10;token")), k_none);
  EXPECT_EQ(parsed(edited(k_assumed, "fake/role+secret", "fake secret")), k_none);
}

TEST(StsMessages, WhatIsNoAnswerIsAnErrorThatQuotesNothing)
{
  constexpr std::array<std::string_view, 9> k_others{
      "",
      " ",
      "<html><body><h1>Log in</h1></body></html>",
      "<!DOCTYPE html><html><head><title>Log in</title></head><body></body></html>",
      R"({"Credentials":{"AccessKeyId":"ASIA","SecretAccessKey":"x","SessionToken":"y"}})",
      "<AssumeRoleResponse/>",
      "<AssumeRoleResponse><AssumeRoleResult>",
      "<Credentials><AccessKeyId>ASIA</AccessKeyId></Credentials>",
      "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code></Error></ErrorResponse>",
  };
  for (const auto body : k_others)
    EXPECT_EQ(parsed(body), k_none) << body;
  for (std::size_t size = 0; size + 2 < k_assumed.size(); ++size)
    ASSERT_EQ(parsed(k_assumed.substr(0, size)), k_none) << size;
}

// Entities are a way to make much of little, and to read files.
TEST(StsMessages, ADocumentTypeIsRefused)
{
  constexpr std::string_view k_bomb = R"(<!DOCTYPE r [
 <!ENTITY a "aaaaaaaaaa">
 <!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
 <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">
]>
)";
  const auto with = [](std::string_view type, std::string_view secret) {
    const auto answer = edited(k_assumed, "<AssumeRoleResponse ", "!<AssumeRoleResponse ");
    return edited(edited(answer, "!", type), "fake/role+secret", secret);
  };
  EXPECT_EQ(parsed(with("", "fake/role+secret")), k_keys);
  EXPECT_EQ(parsed(with("<!DOCTYPE r>", "fake/role+secret")), k_none);
  EXPECT_EQ(parsed(with(k_bomb, "&c;")), k_none);
  EXPECT_EQ(parsed(with(R"(<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]>)", "&f;")),
            k_none);
  EXPECT_EQ(parsed(with("<!DOCTYPE r [", "x")), k_none);
}

TEST(StsMessages, DepthAndSizeDoNoHarm)
{
  std::string deep;
  for (int i = 0; i < 100'000; ++i)
    deep += "<a>";
  EXPECT_EQ(parsed(deep), k_none);
  EXPECT_EQ(parsed(edited(k_assumed, "DevUser123", std::string(1'000'000, 'x'))), k_keys);
  EXPECT_EQ(parsed(edited(k_assumed, "fake//session+token==", std::string(1'000'000, 'x'))),
            k_none);
}

// Who calls

constexpr std::string_view k_caller =
    R"(<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
   <Arn>arn:aws:iam::123456789012:user/Alice</Arn>
    <UserId>AIDACKCEVSQ6C2EXAMPLE</UserId>
    <Account>123456789012</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata>
</GetCallerIdentityResponse>)";

TEST(StsMessages, AskWhoCalls)
{
  const auto request = caller_identity_request(std::string(k_url));
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body, "Action=GetCallerIdentity&Version=2011-06-15");
}

TEST(StsMessages, SayWhoCalls)
{
  const auto principal = parse_caller_identity(k_caller);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->arn, "arn:aws:iam::123456789012:user/Alice");
  EXPECT_EQ(principal->account, "123456789012");
}

TEST(StsMessages, NameNobodyWhereTheAnswerIsNotStss)
{
  const std::array answers{std::string(),
                           std::string("<html>"),
                           std::string(k_assumed),
                           edited(k_caller, "arn:aws", "urn:aws"),
                           edited(k_caller, "user/Alice", "user/\x1b[31mAlice"),
                           edited(k_caller, "user/Alice", "user/Al ice"),
                           edited(k_caller, "user/Alice", std::string(2048, 'a')),
                           edited(k_caller, "<Account>123456789012", "<Account>12345678901"),
                           edited(k_caller, "<Account>123456789012", "<Account>12345678901x"),
                           "<!DOCTYPE x>" + std::string(k_caller)};
  for (const auto& answer : answers) {
    const auto principal = parse_caller_identity(answer);
    ASSERT_FALSE(principal) << answer;
    EXPECT_EQ(principal.error().code, Errc::protocol_error);
    EXPECT_EQ(principal.error().what, "STS's answer names no principal");
  }
}

} // namespace
} // namespace purser::aws
