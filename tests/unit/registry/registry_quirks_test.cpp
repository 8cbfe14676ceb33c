#include "daemon/registry/registry_quirks.hpp"

#include <gtest/gtest.h>

namespace purser {
namespace {

TEST(RegistryQuirks, AreThoseOfTheHost)
{
  EXPECT_EQ(registry_quirks("registry-1.docker.io").realm_host, "auth.docker.io");
  EXPECT_EQ(registry_quirks("docker.io").realm_host, "auth.docker.io");
  EXPECT_FALSE(registry_quirks("quay.io").catalog);
  EXPECT_FALSE(registry_quirks("team.azurecr.io").password_post);
  EXPECT_FALSE(registry_quirks("europe-west1-docker.pkg.dev").password_post);
  EXPECT_FALSE(registry_quirks("eu.gcr.io").password_post);
  EXPECT_EQ(registry_quirks("public.ecr.aws").expired_status, 400U);
}

TEST(RegistryQuirks, AreNotThoseOfALookalike)
{
  for (const auto* host :
       {"evildocker.io", "docker.io.evil.example", "azurecr.io", "quay.io.evil.example",
        "notquay.io", "-docker.pkg.dev.evil.example", "ghcr.io", ""})
    EXPECT_EQ(registry_quirks(host).name, "") << host;
}

TEST(RegistryQuirks, AreThoseOfTheRealmWhereTheHostIsAnybodys)
{
  EXPECT_FALSE(
      registry_quirks("jfrog.example", "/artifactory/api/docker/local/v2/token").password_post);
  EXPECT_TRUE(registry_quirks("jfrog.example", "/v2/token").password_post);
  EXPECT_TRUE(registry_quirks("harbor.example", "/service/token").password_post);
}

} // namespace
} // namespace purser
