#include "daemon/http/url.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

TEST(UrlTest, TakesApartWhatIsWellFormed)
{
  struct Case {
    std::string text, host;
    unsigned port;
    bool tls;
    std::string target, host_header, authority;
  };
  const Case cases[] = {
      {"https://api.ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com", 443, true, "/",
       "api.ecr.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com:443"},
      {"HTTP://Example.COM/A?b=C%20d", "example.com", 80, false, "/A?b=C%20d", "example.com",
       "example.com:80"},
      {"https://h:8443?x=1", "h", 8443, true, "/?x=1", "h:8443", "h:8443"},
      {"https://h:443/", "h", 443, true, "/", "h", "h:443"},
      {"http://169.254.169.254/latest", "169.254.169.254", 80, false, "/latest", "169.254.169.254",
       "169.254.169.254:80"},
      {"http://[FD00:ec2::254]:81/x", "fd00:ec2::254", 81, false, "/x", "[fd00:ec2::254]:81",
       "[fd00:ec2::254]:81"},
      {"https://[::1]", "::1", 443, true, "/", "[::1]", "[::1]:443"},
  };
  for (const auto& c : cases) {
    const auto url = parse_url(c.text);
    ASSERT_TRUE(url) << c.text;
    EXPECT_EQ(url->host, c.host) << c.text;
    EXPECT_EQ(url->port, c.port) << c.text;
    EXPECT_EQ(url->tls, c.tls) << c.text;
    EXPECT_EQ(url->target, c.target) << c.text;
    EXPECT_EQ(url->host_header(), c.host_header) << c.text;
    EXPECT_EQ(url->authority(), c.authority) << c.text;
  }
}

TEST(UrlTest, RefusesWhatIsNot)
{
  const std::string cases[] = {
      "",
      "https://",
      "https:///path",
      "ftp://h/",
      "file:///etc/passwd",
      "h.example/",
      "//h.example/",
      "https://user@h/",
      "https://user:pass@h/",
      "https://h/#fragment",
      "https://h/a b",
      "https://h/a\r\nX: y",
      std::string("https://h/\0", 11),
      "https://h\\@evil/",
      "https://h/\x7f",
      "https://h\xc3\xa9/",
      "https://h%2eexample/",
      "https://h:0/",
      "https://h:65536/",
      "https://h:/",
      "https://h:+1/",
      "https://h:1x/",
      "https://.h/",
      "https://h..x/",
      "https://h./",
      "https://127.1/",
      "https://2130706433/",
      "https://0x7f000001/",
      "https://0x7f.1/",
      "https://127.0.0.1.1/",
      "https://010.0.0.256/",
      "https://[::1/",
      "https://[::1]x/",
      "https://[fe80::1%25eth0]/",
      "https://[1.2.3.4]/",
      "https://::1/",
      "https://*.example/",
      "https://" + std::string(64, 'a') + "/",
      "https://h/" + std::string(20000, 'a'),
  };
  for (const auto& text : cases) {
    const auto url = parse_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error().code, Errc::misconfigured) << text;
  }
}

TEST(UrlTest, DoesNotQuoteWhatItRefuses)
{
  const auto url = parse_url("https://user:not-a-real-secret@h/");
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().what.find("not-a-real-secret"), std::string::npos);
}

} // namespace
} // namespace purser
