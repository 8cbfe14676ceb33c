#include "daemon/registry/public_address.hpp"
#include "daemon/registry/realm.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

using testing::HasSubstr;

Result<Realm> checked(std::string_view realm, std::string_view registry, RealmRules rules = {})
{
  return check_realm(realm, *parse_url(registry), rules);
}

RealmRules allowing(std::string authority)
{
  return RealmRules{{std::move(authority)}, true};
}

RealmRules anonymous()
{
  return RealmRules{{}, false};
}

TEST(Realm, IsTheRegistrysOwnHost)
{
  struct Case {
    std::string_view realm, registry;
  };
  const Case cases[] = {
      {"https://ghcr.io/token", "https://ghcr.io/"},
      {"https://GHCR.io:443/token?existing=1", "https://ghcr.io/"},
      {"https://registry.example:5001/auth", "https://registry.example:5000/"},
      {"https://127.0.0.1:5000/token", "https://127.0.0.1:5000/"},
      {"http://127.0.0.1:5000/token", "http://127.0.0.1:5000/"},
  };
  for (const auto& c : cases) {
    const auto realm = checked(c.realm, c.registry);
    ASSERT_TRUE(realm) << c.realm;
    EXPECT_FALSE(realm->only_public) << c.realm;
  }
  EXPECT_EQ(checked("https://ghcr.io/token?existing=1", "https://ghcr.io/")->url.target,
            "/token?existing=1");
  // Whoever answers in the clear may send us anywhere.
  EXPECT_FALSE(checked("https://registry.example/token", "http://registry.example:443/"));
}

TEST(Realm, OfAnotherHostIsRefusedWithBothNamesAndTheWayToAllowIt)
{
  const auto realm = checked("https://evil.example/token", "https://registry.example:5000/");
  ASSERT_FALSE(realm);
  EXPECT_EQ(realm.error().code, Errc::unsafe);
  EXPECT_THAT(realm.error().what, HasSubstr("registry.example:5000"));
  EXPECT_THAT(realm.error().what, HasSubstr(R"("realms": ["evil.example"])"));
  EXPECT_TRUE(realm.error().says_remedy);
}

TEST(Realm, OfAnotherHostIsRefusedHoweverItIsDisguised)
{
  for (const auto* realm :
       {"https://registry.example.evil.example/", "https://evilregistry.example/",
        "https://registry.example@evil.example/", "https://registry.example:1@evil/",
        "https://evil.example/#@registry.example/", "https://evil.example\\@registry.example/",
        "https://sub.registry.example/token", "https://example/token",
        "https://registry.example./token"})
    EXPECT_FALSE(checked(realm, "https://registry.example/")) << realm;
}

TEST(Realm, IsNeverAskedInTheClearForARegistryThatIsNot)
{
  EXPECT_FALSE(checked("http://registry.example/token", "https://registry.example/"));
  EXPECT_FALSE(checked("http://registry.example/token", "https://registry.example/", anonymous()));
  EXPECT_FALSE(
      checked("http://auth.example/token", "https://registry.example/", allowing("auth.example")));
  EXPECT_FALSE(checked("http://127.0.0.1:5001/token", "http://127.0.0.1:5000/"));
  EXPECT_FALSE(checked("http://auth.example/token", "http://registry.example/", anonymous()));
  EXPECT_TRUE(
      checked("http://127.0.0.1:5001/token", "http://127.0.0.1:5000/", allowing("127.0.0.1:5001")));
}

TEST(Realm, ThatIsNoUrlIsRefusedAndNotQuoted)
{
  for (const auto* realm :
       {"", "file:///etc/passwd", "gopher://registry.example/", "ftp://registry.example/",
        "//registry.example/token", "registry.example/token", "/token",
        "https://ann:fake@registry.example/", "https://registry.example/#fake",
        "https://registry.example/\r\nX: fake", "Sonatype Nexus fake", "https://0x7f.1/",
        "https://2130706433/", "https://0177.0.0.1/", "https://127.1/", "https://[::1%25eth0]/"}) {
    const auto checked_realm = checked(realm, "https://registry.example/");
    ASSERT_FALSE(checked_realm) << realm;
    EXPECT_EQ(checked_realm.error().code, Errc::unsafe) << realm;
    EXPECT_THAT(checked_realm.error().what, testing::Not(HasSubstr("fake"))) << realm;
  }
}

TEST(Realm, OfAnAddressIsTheRegistrysOwnPortOrRefused)
{
  for (const auto* realm :
       {"https://127.0.0.1/token", "https://169.254.169.254/latest",
        "https://[fd00:ec2::254]/latest", "https://[::ffff:169.254.169.254]/", "https://0.0.0.0/",
        "https://[::]/", "https://10.0.0.1/", "https://[fe80::1]/"}) {
    EXPECT_FALSE(checked(realm, "https://registry.example/")) << realm;
    EXPECT_FALSE(checked(realm, "https://registry.example/", anonymous())) << realm;
  }
  EXPECT_FALSE(checked("https://127.0.0.1:5001/", "https://127.0.0.1:5000/"));
  EXPECT_FALSE(checked("https://127.0.0.1:5001/", "https://127.0.0.1:5000/", anonymous()));
}

TEST(Realm, IsThatOfAKnownPair)
{
  const auto realm = checked("https://auth.docker.io/token", "https://registry-1.docker.io/");
  ASSERT_TRUE(realm);
  EXPECT_TRUE(realm->only_public);
  EXPECT_TRUE(checked("https://gitlab.com/jwt/auth", "https://registry.gitlab.com/"));
  EXPECT_TRUE(checked("https://authn.nvidia.com/token", "https://nvcr.io/"));
}

TEST(Realm, OfAKnownPairIsForeignToAnyOtherRegistry)
{
  EXPECT_FALSE(checked("https://auth.docker.io/token", "https://registry.example/"));
  EXPECT_FALSE(checked("https://auth.docker.io/token", "https://evildocker.io/"));
  EXPECT_FALSE(checked("https://gitlab.com/jwt/auth", "https://registry-1.docker.io/"));
  EXPECT_FALSE(checked("https://auth.docker.io:8443/token", "https://registry-1.docker.io/"));
  EXPECT_FALSE(checked("http://auth.docker.io/token", "https://registry-1.docker.io/"));
}

TEST(Realm, IsOneThatTheConfigurationAllows)
{
  const auto realm =
      checked("https://auth.example/t", "https://registry.example/", allowing("auth.example"));
  ASSERT_TRUE(realm);
  EXPECT_FALSE(realm->only_public);
  EXPECT_TRUE(
      checked("https://10.0.0.1:8443/", "https://registry.example/", allowing("10.0.0.1:8443")));
  EXPECT_FALSE(
      checked("https://auth.example:8443/", "https://registry.example/", allowing("auth.example")));
  EXPECT_FALSE(
      checked("https://auth.example/", "https://registry.example/", allowing("auth.example:8443")));
}

TEST(Realm, OfAPublicHostMayBeAskedWithoutACredential)
{
  const auto realm = checked("https://auth.example/t", "https://registry.example/", anonymous());
  ASSERT_TRUE(realm);
  EXPECT_TRUE(realm->only_public);
}

TEST(PublicAddress, IsNoneOfTheSpecialRanges)
{
  const auto is_public = [](const char* text) {
    return is_public_address(boost::asio::ip::make_address(text));
  };
  for (const auto* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.0.0.1",
                           "10.255.255.255",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.1",
                           "192.0.2.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.1",
                           "203.0.113.1",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "::ffff:10.0.0.1",
                           "::127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::1",
                           "100::1",
                           "2001::1",
                           "2001:db8::1",
                           "2002:7f00:1::1",
                           "2002:a9fe:a9fe::1",
                           "3fff::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1"})
    EXPECT_FALSE(is_public(text)) << text;
  for (const auto* text : {"1.1.1.1",         "8.8.8.8",
                           "9.255.255.255",   "11.0.0.0",
                           "100.63.255.255",  "100.128.0.0",
                           "126.255.255.255", "128.0.0.0",
                           "169.253.255.255", "172.15.255.255",
                           "172.32.0.0",      "192.167.255.255",
                           "192.169.0.0",     "198.17.255.255",
                           "198.20.0.0",      "223.255.255.255",
                           "::ffff:8.8.8.8",  "64:ff9b::808:808",
                           "2002:808:808::1", "2600::1",
                           "2a00:1450::1",    "2001:4860:4860::8888",
                           "3ffe::1"})
    EXPECT_TRUE(is_public(text)) << text;
}

} // namespace
} // namespace purser
