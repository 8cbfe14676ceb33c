#include "common/registry_url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

using Kind = RegistryUrl::Kind;

// The key, and what is remarkable about the rest.
std::string parsed(std::string_view uri)
{
  const RegistryUrl url = parse_registry_url(uri);
  if (url.kind == Kind::elsewhere) return "elsewhere";
  if (url.kind == Kind::malformed) return "malformed";
  return std::string(url.key->text()) + (url.plain ? " plain" : "") +
         (url.names_user ? " user" : "") + (url.unclear_path ? " unclear" : "");
}

constexpr std::string_view k_ecr = "123456789012.dkr.ecr.us-east-1.amazonaws.com";

std::string ecr(std::string_view path)
{
  return "https://" + std::string(k_ecr) + std::string(path);
}

TEST(RegistryUrl, NamesTheRegistry)
{
  EXPECT_EQ(parsed("https://r.example"), "r.example");
  EXPECT_EQ(parsed("https://r.example/"), "r.example");
  EXPECT_EQ(parsed("https://r.example:5000/any/file.tar.gz?a=b#c"), "r.example:5000");
  EXPECT_EQ(parsed("HTTPS://R.Example:443/X"), "r.example");
  EXPECT_EQ(parsed("https://r.example./v2/"), "r.example");
  EXPECT_EQ(parsed("https://[2001:DB8::0:1]:5000/v2/"), "[2001:db8::1]:5000");
  EXPECT_EQ(parsed("http://r.example:80/x"), "r.example plain");
  EXPECT_EQ(parsed("https://registry-1.docker.io/v2/library/alpine/manifests/3"),
            "docker.io/library/alpine");
}

TEST(RegistryUrl, NamesTheRepositoryOfTheDistributionApi)
{
  const std::string repository = std::string(k_ecr) + "/team/app";
  EXPECT_EQ(parsed(ecr("/v2/team/app/blobs/sha256:0123")), repository);
  EXPECT_EQ(parsed(ecr("/v2/team/app/blobs/uploads/")), repository);
  EXPECT_EQ(parsed(ecr("/v2/team/app/manifests/latest")), repository);
  EXPECT_EQ(parsed(ecr("/v2/team/app/tags/list?n=3")), repository);
  EXPECT_EQ(parsed(ecr("/v2/team/app/referrers/sha256:0123")), repository);
  EXPECT_EQ(parsed(ecr("/v2/team/tags/app/manifests/latest")),
            std::string(k_ecr) + "/team/tags/app");
  for (const std::string_view path :
       {"/v2/", "/v2", "/v2/_catalog", "/v2/blobs/x", "/v2x/team/app/blobs/x", "/team/app/blobs/x"})
    EXPECT_EQ(parsed(ecr(path)), k_ecr) << path;
}

TEST(RegistryUrl, IsThatOfTheHostAndOfNothingInFrontOfIt)
{
  EXPECT_EQ(parsed("https://" + std::string(k_ecr) + "@evil.example/"), "evil.example user");
  EXPECT_EQ(parsed("https://" + std::string(k_ecr) + ":443@evil.example/"), "evil.example user");
  EXPECT_EQ(parsed("https://a@b@evil.example/"), "evil.example user");
  EXPECT_EQ(parsed("https://evil.example/@" + std::string(k_ecr) + "/"), "evil.example");
  EXPECT_EQ(parsed("https://evil.example?@" + std::string(k_ecr) + "/"), "evil.example");
  EXPECT_EQ(parsed("https://evil.example#@" + std::string(k_ecr) + "/"), "evil.example");
  EXPECT_EQ(parsed("https://" + std::string(k_ecr) + ".evil.example/"),
            std::string(k_ecr) + ".evil.example");
}

// The keys under which docker keeps OAuth tokens are no URIs of a registry.
TEST(RegistryUrl, IsNeverAnOpaqueKey)
{
  EXPECT_EQ(parsed("https://index.docker.io/v1/access-token"), "docker.io");
  EXPECT_EQ(parsed("https://index.docker.io/v1/refresh-token"), "docker.io");
}

TEST(RegistryUrl, WhoseRepositoryIsNotCertainIsUnclear)
{
  const std::string unclear = std::string(k_ecr) + " unclear";
  for (const std::string_view path :
       {"/v2/team%2fapp/blobs/x", "/v2/team/%61pp/blobs/x", "/v2/../v2/team/app/blobs/x",
        "/v2/a/../team/app/blobs/x", "/x/../v2/team/app/blobs/x", "/./v2/team/app/blobs/x",
        "/%76%32/team/app/blobs/x", "//v2/team/app/blobs/x", "/v2//team/app/blobs/x", "/v2/a/.."})
    EXPECT_EQ(parsed(ecr(path)), unclear) << path;
  EXPECT_EQ(parsed(ecr("/files/a%20b")), k_ecr);
}

TEST(RegistryUrl, OfAnotherSchemeLeadsElsewhere)
{
  EXPECT_EQ(parsed("grpcs://remote.example/com.example.Service/Method"), "elsewhere");
  EXPECT_EQ(parsed("ftp://r.example/"), "elsewhere");
  EXPECT_EQ(parsed("httpsx://r.example/"), "elsewhere");
}

TEST(RegistryUrl, ThatIsNoneIsMalformed)
{
  for (const std::string_view uri : {"",
                                     "r.example",
                                     "/path",
                                     "://r.example",
                                     "https:r.example",
                                     "https:/r.example",
                                     "https://",
                                     "https:///path",
                                     "https://:443/",
                                     "https://r.example:0/",
                                     "https://r.example:65536/",
                                     "https://r.example:port/",
                                     "https://r%2eexample/",
                                     "https://r example/",
                                     "https://r.example\\@evil.example/",
                                     "https://r.example\r\nX: y/",
                                     "https://r.exa\tmple/",
                                     "https://*.example/",
                                     "https://r\xc3\xa9.example/",
                                     "https://[::1/",
                                     "https://[fe80::1%251]/",
                                     "https://r..example/",
                                     "https://r.example/a\"b"})
    EXPECT_EQ(parsed(uri), "malformed") << uri;
  EXPECT_EQ(parsed(std::string("https://r.example\0.evil.example/", 32)), "malformed");
  EXPECT_EQ(parsed("https://r.example/v2/" + std::string(2000, 'a') + "/blobs/x"), "malformed");
}

} // namespace
} // namespace purser
