#include "daemon/providers/aws/sigv4.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>
#include <string>
#include <string_view>

namespace purser::aws {
namespace {

using namespace std::chrono_literals;

// The example key of AWS's documentation.
constexpr std::string_view k_key_id = "AKIDEXAMPLE";
constexpr std::string_view k_secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
constexpr std::string_view k_token =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSP"
    "fIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHN"
    "VXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+"
    "scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

WallTime vector_time()
{
  return std::chrono::sys_days(std::chrono::year(2015) / 8 / 30) + 12h + 36min;
}

std::string header(const HttpRequest& request, std::string_view name)
{
  for (const auto& entry : request.headers) {
    if (entry.name == name) return entry.value;
  }
  return {};
}

std::string hex_sha256(std::string_view text)
{
  std::array<unsigned char, 32> digest{};
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    constexpr std::string_view k_digits = "0123456789abcdef";
    hex += k_digits[byte >> 4U];
    hex += k_digits[byte & 15U];
  }
  return hex;
}

struct Signed {
  std::string canonical_hash;
  std::string names;
  std::string signature;
};

std::string after(const std::string& text, std::string_view mark)
{
  const auto at = text.find(mark);
  if (at == std::string::npos) return {};
  const auto begin = at + mark.size();
  return text.substr(begin, text.find(',', begin) - begin);
}

AwsKeys keys_with(std::string_view token)
{
  return {std::string(k_key_id), Secret(k_secret), Secret(token)};
}

Signed signed_with(HttpRequest request, std::string service, std::string_view token = "")
{
  const AwsKeys keys = keys_with(token);
  const SigningScope scope("us-east-1", std::move(service));
  EXPECT_TRUE(sign(request, keys, scope, vector_time()));
  const auto authorization = header(request, "Authorization");
  return {hex_sha256(*canonical_request(request)), after(authorization, "SignedHeaders="),
          after(authorization, "Signature=")};
}

HttpRequest ecr_request()
{
  HttpRequest request("POST", "https://api.ecr.us-east-1.amazonaws.com/");
  request.headers.push_back({"Content-Type", "application/x-amz-json-1.1"});
  request.headers.push_back(
      {"X-Amz-Target", "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"});
  request.body = "{}";
  return request;
}

// Two other implementations agreed on these.
TEST(SigV4, SignsAnEcrRequest)
{
  const auto result = signed_with(ecr_request(), "ecr");
  EXPECT_EQ(result.names, "content-type;host;x-amz-date;x-amz-target");
  EXPECT_EQ(result.canonical_hash,
            "696f9d23764d52f5c339be08179976e1c31aee8c781de678b4b36b35ccedda1f");
  EXPECT_EQ(result.signature, "527a2155e9afc2426cb4c659023df9c031e8103458f349819615ff25111f5de0");
}

TEST(SigV4, SignsTheSessionToken)
{
  const auto result = signed_with(ecr_request(), "ecr", k_token);
  EXPECT_EQ(result.names, "content-type;host;x-amz-date;x-amz-security-token;x-amz-target");
  EXPECT_EQ(result.canonical_hash,
            "d70ade6f5f2824fbcc73b319b010d16c79334d658ccfdb56f5e4b6cda1ee7157");
  EXPECT_EQ(result.signature, "82f08cded97b0c75e89032996b74f0672a658c189f023c39c6d6c1f76c2ef80e");
}

TEST(SigV4, SignsAnEcrPublicRequest)
{
  HttpRequest request("POST", "https://api.ecr-public.us-east-1.amazonaws.com/");
  request.headers.push_back({"Content-Type", "application/x-amz-json-1.1"});
  request.headers.push_back({"X-Amz-Target", "SpencerFrontendService.GetAuthorizationToken"});
  request.body = "{}";
  const auto result = signed_with(std::move(request), "ecr-public");
  EXPECT_EQ(result.canonical_hash,
            "8709576bf4de49dab8b4b34519cab17862c938aeccc76e70518b3c633d2fe859");
  EXPECT_EQ(result.signature, "7f4ca0d963a87df3d01f6c4ab2257843501fb7772d9351b0a56f5eca8095cd59");
}

TEST(SigV4, SignsAFormBody)
{
  HttpRequest request("POST", "https://sts.us-east-1.amazonaws.com/");
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"});
  request.body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%"
                 "3Arole%2FR&RoleSessionName=sess&DurationSeconds=3600&ExternalId=x%2By";
  const auto result = signed_with(std::move(request), "sts");
  EXPECT_EQ(result.names, "content-type;host;x-amz-date");
  EXPECT_EQ(result.canonical_hash,
            "125abe7b5bc5402d579da56c761140cce543e98ab89275d1a971651b0041ea91");
  EXPECT_EQ(result.signature, "bd2f2d0aacfe82cb5c5b48a2397760600a4794544be94882a8d73faf46506bf9");
}

TEST(SigV4, SignsAQueryAndAnEmptyBody)
{
  HttpRequest request(
      "POST", "https://sts.us-east-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");
  request.headers.push_back({"x-goog-cloud-target-resource",
                             "//iam.googleapis.com/projects/1/locations/global/"
                             "workloadIdentityPools/p/providers/q"});
  const auto result = signed_with(std::move(request), "sts");
  EXPECT_EQ(result.names, "host;x-amz-date;x-goog-cloud-target-resource");
  EXPECT_EQ(result.canonical_hash,
            "ad371296a1a745728203e9c13aca07df8f8e1c0803191534a0114f2bde9efeab");
  EXPECT_EQ(result.signature, "f77d277ff7407af3a5d26b8e38c2e7d62736121c74066510a239d9abdc071d29");
}

TEST(SigV4, SigningAgainReplacesWhatWasThere)
{
  HttpRequest request = ecr_request();
  const AwsKeys keys = keys_with(k_token);
  const SigningScope scope("us-east-1", "ecr");
  ASSERT_TRUE(sign(request, keys, scope, vector_time() + 1h));
  const auto size = request.headers.size();
  ASSERT_TRUE(sign(request, keys, scope, vector_time()));
  EXPECT_EQ(request.headers.size(), size);
  EXPECT_EQ(header(request, "X-Amz-Date"), "20150830T123600Z");
  EXPECT_EQ(after(header(request, "Authorization"), "Signature="),
            "82f08cded97b0c75e89032996b74f0672a658c189f023c39c6d6c1f76c2ef80e");
}

std::string canonical(std::string url, std::vector<HttpHeader> headers = {})
{
  HttpRequest request("GET", std::move(url));
  request.headers = std::move(headers);
  return *canonical_request(request);
}

// What follows the method: path, query, headers.
std::string target(const std::string& url)
{
  const auto text = canonical(url);
  return text.substr(4, text.find("\nhost:") - 4);
}

TEST(SigV4, CleansThePath)
{
  EXPECT_EQ(target("https://a.example"), "/\n");
  EXPECT_EQ(target("https://a.example/"), "/\n");
  EXPECT_EQ(target("https://a.example//"), "/\n");
  EXPECT_EQ(target("https://a.example/./x"), "/x\n");
  EXPECT_EQ(target("https://a.example//x//y/"), "/x/y/\n");
  EXPECT_EQ(target("https://a.example/x/.."), "/\n");
  EXPECT_EQ(target("https://a.example/x/../../y"), "/y\n");
  EXPECT_EQ(target("https://a.example/-._~Az09"), "/-._~Az09\n");
  EXPECT_EQ(target("https://a.example/a%20b"), "/a%2520b\n");
  EXPECT_EQ(target("https://a.example/a:b,c"), "/a%3Ab%2Cc\n");
}

TEST(SigV4, SortsAndEncodesTheQuery)
{
  EXPECT_EQ(target("https://a.example/?b=2&a=1"), "/\na=1&b=2");
  EXPECT_EQ(target("https://a.example/?a=2&a=1"), "/\na=1&a=2");
  EXPECT_EQ(target("https://a.example/?a&b="), "/\na=&b=");
  EXPECT_EQ(target("https://a.example/?b=1&B=2&a1=3"), "/\nB=2&a1=3&b=1");
  EXPECT_EQ(target("https://a.example/?a=x%20y%2fz"), "/\na=x%20y%2Fz");
  EXPECT_EQ(target("https://a.example/?a=b=c"), "/\na=b%3Dc");
  EXPECT_EQ(target("https://a.example/?a=~._-"), "/\na=~._-");
  EXPECT_EQ(target("https://a.example/?%ce%b1=%"), "/\n%CE%B1=%25");
}

TEST(SigV4, TrimsAndJoinsHeaders)
{
  const auto text = canonical(
      "https://a.example/",
      {{"My-B", "  two   words\t"}, {"my-a", "1"}, {"MY-A", "2"}, {"My-C", "folded\r\n   line"}});
  EXPECT_NE(text.find("\nhost:a.example\nmy-a:1,2\nmy-b:two words\nmy-c:folded line\n\n"
                      "host;my-a;my-b;my-c\n"),
            std::string::npos)
      << text;
}

TEST(SigV4, LeavesOutWhatChangesOnTheWay)
{
  const auto text = canonical("https://a.example/", {{"User-Agent", "purser"},
                                                     {"Connection", "close"},
                                                     {"Proxy-Authorization", "x"},
                                                     {"X-Amzn-Trace-Id", "x"},
                                                     {"Expect", "100-continue"}});
  EXPECT_NE(text.find("\nhost:a.example\n\nhost\n"), std::string::npos) << text;
}

TEST(SigV4, NamesThePortOnlyWhereItIsAnother)
{
  EXPECT_NE(canonical("https://a.example:443/").find("host:a.example\n"), std::string::npos);
  EXPECT_NE(canonical("http://a.example:80/").find("host:a.example\n"), std::string::npos);
  EXPECT_NE(canonical("https://a.example:8443/").find("host:a.example:8443\n"), std::string::npos);
}

TEST(SigV4, RefusesWhatIsNoUrl)
{
  HttpRequest request("POST", "https://user@a.example/");
  const AwsKeys keys("AKIDEXAMPLE", Secret("fake-secret"), Secret());
  const auto done = sign(request, keys, SigningScope("us-east-1", "ecr"), vector_time());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Errc::misconfigured);
}

} // namespace
} // namespace purser::aws
