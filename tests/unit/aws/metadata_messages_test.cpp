#include "daemon/providers/aws/keys/metadata_messages.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {
using namespace std::chrono_literals;

// `id secret token seconds`, or the error.
std::string parsed(std::string_view body)
{
  const auto issued = parse_metadata_keys(body);
  if (!issued) return std::string(to_string(issued.error().code)) + ": " + issued.error().what;
  const auto& keys = issued->keys;
  std::string text = keys.access_key_id + " " + std::string(keys.secret.reveal()) + " " +
                     std::string(keys.session_token.reveal()) + " ";
  if (!issued->expires_at) return text + "unsaid";
  const auto end =
      std::chrono::duration_cast<std::chrono::seconds>(issued->expires_at->time_since_epoch());
  return text + std::to_string(end.count());
}

struct Row {
  std::string_view body;
  std::string_view expected;
};

constexpr std::string_view k_none = "protocol_error: the answer has no credentials";

constexpr std::array k_answers{
    // EC2's and ECS's, as their guides show them.
    Row{R"({"Code":"Success","LastUpdated":"2026-08-20T10:00:00Z","Type":"AWS-HMAC",
            "AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake/secret","Token":"fake+token==",
            "Expiration":"2026-08-20T16:00:00Z"})",
        "ASIAFAKE fake/secret fake+token== 1787241600"},
    Row{R"({"RoleArn":"arn:aws:iam::123456789012:role/x","AccountId":"123456789012",
            "AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake/secret","Token":"fake+token==",
            "Expiration":"2026-08-20T16:00:00.123Z"})",
        "ASIAFAKE fake/secret fake+token== 1787241600"},
    // Neither an end nor a token.
    Row{R"({"AccessKeyId":"AKIAFAKE","SecretAccessKey":"fake"})", "AKIAFAKE fake  unsaid"},
    Row{R"({"AccessKeyId":"AKIAFAKE","SecretAccessKey":"fake","Token":null,"Expiration":""})",
        "AKIAFAKE fake  unsaid"},
    // EC2, for a moment.
    Row{R"({"Code":"Failed","LastUpdated":"2026-08-20T10:00:00Z"})",
        "transient: the instance's role gives no credentials at the moment"},
    Row{R"({"Code":"AssumeRoleUnauthorizedAccess","Message":"body-of-the-answer",
            "AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake"})",
        "transient: the instance's role gives no credentials at the moment"},
    // What is missing or strange.
    Row{"", k_none},
    Row{"{}", k_none},
    Row{"[]", k_none},
    Row{"null", k_none},
    Row{R"("ASIAFAKE")", k_none},
    Row{R"([{"AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake"}])", k_none},
    Row{R"({"SecretAccessKey":"fake","Token":"t"})", k_none},
    Row{R"({"AccessKeyId":"ASIAFAKE","Token":"t"})", k_none},
    Row{R"({"AccessKeyId":"","SecretAccessKey":"fake"})", k_none},
    Row{R"({"AccessKeyId":"ASIAFAKE","SecretAccessKey":""})", k_none},
    Row{R"({"AccessKeyId":1,"SecretAccessKey":"fake"})", k_none},
    Row{R"({"AccessKeyId":"ASIAFAKE","SecretAccessKey":["fake"]})", k_none},
    Row{R"({"accesskeyid":"ASIAFAKE","secretaccesskey":"fake"})", k_none},
    Row{R"({"AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake","Expiration":"soon"})", k_none},
    Row{R"({"AccessKeyId":"ASIA/FAKE","SecretAccessKey":"fake"})", k_none},
    Row{R"({"AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake","Token":"a\r\nb"})", k_none},
    Row{R"({"AccessKeyId":"ASIAFAKE","SecretAccessKey":"fake")", k_none},
    Row{R"({"code":"AccessDenied","message":"body-of-the-answer"})", k_none},
    Row{"<html><body>Log in</body></html>", k_none},
};

TEST(MetadataMessages, AreReadOrRefused)
{
  for (const auto& row : k_answers)
    EXPECT_EQ(parsed(row.body), row.expected) << row.body;
}

TEST(MetadataMessages, DepthDoesNoHarm)
{
  const std::string deep = R"({"AccessKeyId":"A","SecretAccessKey":"b","x":)";
  EXPECT_EQ(parsed(deep + std::string(100'000, '[')), k_none);
}

std::string headers(const HttpRequest& request)
{
  std::string text;
  for (const auto& header : request.headers)
    text += header.name + ": " + header.value + ";";
  return text;
}

TEST(MetadataMessages, AContainersEndpointIsAskedWithTheTokenAsItIs)
{
  const auto request = container_request("http://169.254.170.23/v1/credentials", "fake-token");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://169.254.170.23/v1/credentials");
  EXPECT_EQ(headers(request), "Accept: application/json;Authorization: fake-token;");
  EXPECT_EQ(request.connect_limit, 2s);
  EXPECT_EQ(request.limit, 5s);
  EXPECT_EQ(headers(container_request("http://169.254.170.2/", "")), "Accept: application/json;");
}

TEST(MetadataMessages, Ec2IsAskedInVersionTwo)
{
  const std::string base = "http://[fd00:ec2::254]";
  const auto opening = metadata_token_request(base);
  EXPECT_EQ(opening.method, "PUT");
  EXPECT_EQ(opening.url, "http://[fd00:ec2::254]/latest/api/token");
  EXPECT_EQ(headers(opening), "X-aws-ec2-metadata-token-ttl-seconds: 60;");
  EXPECT_EQ(opening.body, "");

  const auto request = metadata_request(base, "meta-data/placement/region", "fake-token");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "http://[fd00:ec2::254]/latest/meta-data/placement/region");
  EXPECT_EQ(headers(request), "X-aws-ec2-metadata-token: fake-token;");
  // Where the hop limit is 1, nobody answers at all.
  for (const auto* each : {&opening, &request}) {
    EXPECT_EQ(each->connect_limit, 1s);
    EXPECT_EQ(each->limit, 2s);
  }
}

} // namespace
} // namespace purser::aws
