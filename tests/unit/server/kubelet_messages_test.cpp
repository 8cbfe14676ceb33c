#include "daemon/server/kubelet_messages.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser::kubelet {
namespace {

using namespace std::chrono_literals;

const std::string k_group = "credentialprovider.kubelet.k8s.io/";

std::string request(std::string_view members, std::string_view version = "v1")
{
  return R"({"kind":"CredentialProviderRequest","apiVersion":")" + k_group + std::string(version) +
         "\"" + std::string(members) + "}\n";
}

std::string image_of(std::string_view json)
{
  const auto parsed = parse_request(json);
  return parsed ? parsed->image : "(refused)";
}

// "KEY as SPELLING"
std::string named(std::string_view image)
{
  const auto name = parse_image(image);
  return name ? std::string(name->key.text()) + " as " + name->registry : "(refused)";
}

TEST(KubeletRequest, IsUnderstoodInAllVersions)
{
  for (const std::string_view version : {"v1", "v1beta1", "v1alpha1"}) {
    const auto parsed = parse_request(request(R"(,"image":"r.example/a")", version));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->image, "r.example/a");
    EXPECT_EQ(parsed->api_version, k_group + std::string(version));
    EXPECT_FALSE(parsed->for_account);
  }
}

TEST(KubeletRequest, ForAServiceAccountIsToldFromOthers)
{
  const auto by_token = parse_request(request(R"(,"image":"i","serviceAccountToken":"a.b-_.c")"));
  ASSERT_TRUE(by_token);
  EXPECT_TRUE(by_token->for_account);
  EXPECT_EQ(by_token->account_token.reveal(), "a.b-_.c");
  const auto by_annotation =
      parse_request(request(R"(,"image":"i","serviceAccountAnnotations":{"example/role":"x"})"));
  ASSERT_TRUE(by_annotation);
  EXPECT_TRUE(by_annotation->for_account);
  EXPECT_TRUE(by_annotation->account_token.empty());
}

TEST(KubeletRequest, ThatIsNoneIsRefused)
{
  for (const std::string& json :
       {std::string(),
        std::string("{}"),
        std::string("[]"),
        std::string("null"),
        request(""),
        request(R"(,"image":"")"),
        request(R"(,"image":1)"),
        request(R"(,"image":null)"),
        request(R"(,"image":"i","image":"i")"),
        request(R"(,"image":"i","kind":"x")"),
        request(R"(,"image":"i","later":1)"),
        request(R"(,"Image":"i")"),
        request(R"(,"image":"i")", "v2"),
        request(R"(,"image":"i")", "v1/"),
        request(R"(,"image":"i")", ""),
        request(R"(,"image":"i")") + "{}",
        request(R"(,"image":"i"/**/)"),
        std::string(R"({"kind":"CredentialProviderRequest","image":"i"})"),
        R"({"kind":"CredentialProviderResponse","apiVersion":")" + k_group + R"(v1","image":"i"})",
        std::string(R"({"kind":"CredentialProviderRequest","apiVersion":"v1","image":"i"})")})
    EXPECT_EQ(image_of(json), "(refused)") << json;
}

// What is not a token could carry a variable of its own into the request.
TEST(KubeletRequest, WithAnAccountThatIsNotClearIsRefused)
{
  for (const std::string_view member :
       {R"("serviceAccountToken":"")", R"("serviceAccountToken":null)",
        R"("serviceAccountToken":1)", R"("serviceAccountToken":"a\u0000AWS_PROFILE=prod")",
        R"("serviceAccountToken":"a\nb")", R"("serviceAccountToken":"a b")",
        R"("serviceAccountAnnotations":null)", R"("serviceAccountAnnotations":[])",
        R"("serviceAccountAnnotations":{"a":1})",
        R"("serviceAccountAnnotations":{"a":"b","a":"b"})"})
    EXPECT_EQ(image_of(request(R"(,"image":"i",)" + std::string(member))), "(refused)") << member;
}

TEST(KubeletRequest, IsNeverQuoted)
{
  const auto refused =
      parse_request(request(R"(,"image":"i","serviceAccountToken":"fake secret")"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what.find("fake"), std::string::npos);
}

TEST(KubeletImage, HasARegistryAsTheKubeletSpellsIt)
{
  EXPECT_EQ(named("r.example/team/app"), "r.example/team/app as r.example");
  EXPECT_EQ(named("R.example:443/app"), "r.example/app as R.example:443");
  EXPECT_EQ(named("r.example:5000/app:1.2"), "r.example:5000/app as r.example:5000");
  EXPECT_EQ(named("r.example/app@sha256:0123"), "r.example/app as r.example");
  EXPECT_EQ(named("localhost/app"), "localhost/app as localhost");
  EXPECT_EQ(named("[::1]:5000/app"), "[::1]:5000/app as [::1]:5000");
}

TEST(KubeletImage, WithoutARegistryIsDockerHubs)
{
  EXPECT_EQ(named("docker.io/library/alpine"), "docker.io/library/alpine as docker.io");
  EXPECT_EQ(named("alpine"), "docker.io/library/alpine as docker.io");
  EXPECT_EQ(named("alpine:3"), "docker.io/library/alpine as docker.io");
  EXPECT_EQ(named("ann/app"), "docker.io/ann/app as docker.io");
}

TEST(KubeletImage, ThatIsNoneIsRefused)
{
  for (const std::string_view image :
       {"", ":1.2", "/app", "https://r.example/app", "r.example@evil.example/app", "*.example/app",
        "r.example/a b", "r.example\r\n/app", "r.example:port/app", "r.exa%6dple/app"})
    EXPECT_EQ(named(image), "(refused)") << image;
}

TEST(KubeletResponse, RepeatsTheVersionAndNamesTheRegistry)
{
  Request asked;
  asked.api_version = k_group + "v1beta1";
  const Handout handout("AWS", Secret("fake\"password"), std::nullopt);
  const auto made = response(asked, CacheKey::registry, 21599s, "r.example:443", &handout);
  ASSERT_TRUE(made);
  EXPECT_EQ(std::string(made->begin(), made->end()),
            "{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\"" + k_group +
                "v1beta1\",\"cacheKeyType\":\"Registry\",\"cacheDuration\":\"5h59m59s\","
                "\"auth\":{\"r.example:443\":{\"username\":\"AWS\",\"password\":"
                "\"fake\\\"password\"}}}\n");
}

TEST(KubeletResponse, WithoutACredentialIsKeptByNobody)
{
  Request asked;
  asked.api_version = k_group + "v1";
  const auto made = response(asked, CacheKey::image, 0s, "", nullptr);
  ASSERT_TRUE(made);
  EXPECT_EQ(std::string(made->begin(), made->end()),
            "{\"kind\":\"CredentialProviderResponse\",\"apiVersion\":\"" + k_group +
                "v1\",\"cacheKeyType\":\"Image\",\"cacheDuration\":\"0s\",\"auth\":{}}\n");
}

TEST(KubeletResponse, CannotCarryAnIdentityToken)
{
  const Handout handout("<token>", Secret("fake-token"));
  EXPECT_FALSE(response({}, CacheKey::image, 1s, "r.example", &handout));
}

TEST(GoDuration, IsAsGoWritesIt)
{
  EXPECT_EQ(go_duration(0s), "0s");
  EXPECT_EQ(go_duration(59s), "59s");
  EXPECT_EQ(go_duration(60s), "1m0s");
  EXPECT_EQ(go_duration(3600s), "1h0m0s");
  EXPECT_EQ(go_duration(21599s), "5h59m59s");
}

} // namespace
} // namespace purser::kubelet
