#include "daemon/http/no_proxy.hpp"
#include "daemon/http/proxy.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

Url url(const std::string& text)
{
  return parse_url(text).value();
}

TEST(NoProxyTest, MatchesAsRegistryClientsDo)
{
  struct Case {
    std::string list, host;
    bool matches;
  };
  const Case cases[] = {
      {"", "example.com", false},
      {"*", "example.com", true},
      {"example.com", "example.com", true},
      {"example.com", "a.example.com", true},
      {"example.com", "badexample.com", false},
      {"example.com", "example.com.evil.test", false},
      {".example.com", "a.example.com", true},
      {".example.com", "example.com", false},
      {".example.com", "badexample.com", false},
      {"*.example.com", "a.b.example.com", true},
      {"*.example.com", "example.com", false},
      {"EXAMPLE.com", "Example.COM", true},
      {"other.test, example.com", "example.com", true},
      {"other.test example.com", "example.com", true},
      {",,example.com,", "example.com", true},
      {"example.com:8443", "example.com:8443", true},
      {"example.com:8443", "a.example.com:8443", true},
      {"example.com:8443", "example.com", false},
      {"example.com:443", "example.com", true},
      {"10.1.2.3", "10.1.2.3", true},
      {"10.1.2.3", "10.1.2.30", false},
      {"10.1.2.3:8443", "10.1.2.3:8443", true},
      {"10.1.2.3:8443", "10.1.2.3:8444", false},
      {"10.0.0.0/8", "10.200.0.1", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"10.0.0.0/8", "[::ffff:10.0.0.1]", true},
      {"10.0.0.0/99", "10.0.0.1", false},
      {"10.0.0.0/", "10.0.0.1", false},
      {"2001:db8::/32", "[2001:db8::1]", true},
      {"2001:db8::/32", "[2001:db9::1]", false},
      {"2001:db8::1", "[2001:db8::1]", true},
      {"[2001:db8::1]", "[2001:db8::1]", true},
      {"[2001:db8::1]:8443", "[2001:db8::1]:8443", true},
      {"[2001:db8::1]:8443", "[2001:db8::1]", false},
      {"0.0.1", "10.0.0.1", false}, // an address has no domain
  };
  for (const auto& c : cases) {
    EXPECT_EQ(no_proxy_matches(c.list, url("https://" + c.host)), c.matches)
        << c.list << " and " << c.host;
  }
}

TEST(NoProxyTest, SomeHostsNeverGoThroughAProxy)
{
  for (const auto* host :
       {"localhost", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]",
        "169.254.169.254", "169.254.170.2", "169.254.170.23", "[fe80::1]", "[fd00:ec2::254]",
        "[fd00:ec2::23]", "[::ffff:169.254.169.254]", "metadata.google.internal", "0.0.0.0"}) {
    EXPECT_TRUE(is_proxy_exempt(url("http://" + std::string(host)))) << host;
  }
  for (const auto* host : {"example.com", "localhost.example.com", "10.0.0.1", "[fd00:ec2::253]",
                           "notlocalhost", "169.253.1.1"}) {
    EXPECT_FALSE(is_proxy_exempt(url("http://" + std::string(host)))) << host;
  }
}

Egress through(const std::string& proxy)
{
  Egress egress;
  egress.https_proxy = proxy;
  return egress;
}

const auto k_registry = "https://registry.example.com";

TEST(ProxyTest, IsChosenByTheSchemeOfTheUrl)
{
  Egress egress;
  egress.https_proxy = "http://secure.test:1";
  egress.http_proxy = "http://plain.test:2";
  EXPECT_EQ(choose_proxy(egress, url("https://h")).value()->name(), "proxy secure.test:1");
  EXPECT_EQ(choose_proxy(egress, url("http://h")).value()->name(), "proxy plain.test:2");
  egress.no_proxy = "h";
  EXPECT_FALSE(choose_proxy(egress, url("https://h")).value());
  EXPECT_FALSE(choose_proxy(egress, url("http://169.254.169.254")).value());
  EXPECT_FALSE(choose_proxy(Egress{}, url("https://other")).value());
}

TEST(ProxyTest, UnderstandsTheUsualSpellings)
{
  struct Case {
    std::string text, name;
  };
  const Case cases[] = {
      {"http://proxy.test:3128", "proxy proxy.test:3128"},
      {"http://proxy.test:3128/", "proxy proxy.test:3128"},
      {"http://Proxy.Test", "proxy proxy.test:80"},
      {"proxy.test:3128", "proxy proxy.test:3128"},
      {"http://[2001:db8::1]:3128", "proxy [2001:db8::1]:3128"},
      {"http://10.0.0.1", "proxy 10.0.0.1:80"},
  };
  for (const auto& c : cases) {
    const auto proxy = choose_proxy(through(c.text), url(k_registry));
    ASSERT_TRUE(proxy && *proxy) << c.text;
    EXPECT_EQ((*proxy)->name(), c.name);
    EXPECT_TRUE((*proxy)->authorization.empty());
  }
}

TEST(ProxyTest, DecodesUserAndPassword)
{
  // RFC 7617: Aladdin and "open sesame"; then with escapes: user "a@b", password "c:d%".
  const auto aladdin =
      choose_proxy(through("http://Aladdin:open%20sesame@proxy.test:1"), url(k_registry));
  ASSERT_TRUE(aladdin && *aladdin);
  EXPECT_EQ((*aladdin)->authorization.reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  const auto escaped = choose_proxy(through("http://a%40b:c%3Ad%25@proxy.test:1"), url(k_registry));
  ASSERT_TRUE(escaped && *escaped);
  EXPECT_EQ((*escaped)->authorization.reveal(), "Basic YUBiOmM6ZCU=");
}

TEST(ProxyTest, RefusesWhatItCannotUseWithoutQuotingIt)
{
  for (const auto* text :
       {"https://u:hunter2-fake@proxy.test:1", "socks5://u:hunter2-fake@proxy.test",
        "http://u:hunter2-fake%zz@proxy.test", "http://u:hunter2-fake@",
        "http://u:hunter2-fake@proxy.test:99999", "http://u:hunter2-fake@pro xy.test:1",
        "http://u:hunter2-fake%4"}) {
    const auto proxy = choose_proxy(through(text), url(k_registry));
    ASSERT_FALSE(proxy) << text;
    EXPECT_EQ(proxy.error().code, Errc::misconfigured) << text;
    EXPECT_EQ(proxy.error().what.find("hunter2"), std::string::npos) << proxy.error().what;
    EXPECT_NE(proxy.error().what.find("HTTPS_PROXY"), std::string::npos) << proxy.error().what;
  }
}

} // namespace
} // namespace purser
