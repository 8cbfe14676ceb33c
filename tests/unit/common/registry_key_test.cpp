#include "common/registry_key.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>
#include <string_view>

namespace purser {
namespace {

using namespace std::literals;

constexpr std::string_view k_refused = "(refused)";

std::string text_of(std::string_view asked)
{
  const auto key = RegistryKey::parse(asked);
  return std::string(key ? key->text() : k_refused);
}

struct Row {
  std::string_view asked;
  std::string_view text;
};

constexpr std::array k_rows{
    // Spellings of one registry.
    Row{"ghcr.io", "ghcr.io"},
    Row{"GHCR.IO", "ghcr.io"},
    Row{"GhCr.Io", "ghcr.io"},
    Row{"https://ghcr.io", "ghcr.io"},
    Row{"https://ghcr.io/", "ghcr.io"},
    Row{"https://ghcr.io/v1", "ghcr.io"},
    Row{"https://ghcr.io/v1/", "ghcr.io"},
    Row{"https://ghcr.io/v2", "ghcr.io"},
    Row{"https://ghcr.io/v2/", "ghcr.io"},
    Row{"HTTPS://GHCR.IO/v2/", "ghcr.io"},
    Row{"HttpS://ghcr.io", "ghcr.io"},
    Row{"http://ghcr.io", "ghcr.io"},
    Row{"HTTP://ghcr.io/", "ghcr.io"},
    Row{"ghcr.io/", "ghcr.io"},
    Row{"ghcr.io/v1", "ghcr.io"},
    Row{"ghcr.io/v1/", "ghcr.io"},
    Row{"ghcr.io/v2", "ghcr.io"},
    Row{"ghcr.io/v2/", "ghcr.io"},
    Row{"ghcr.io.", "ghcr.io"},
    Row{"ghcr.io./v2/", "ghcr.io"},
    Row{"ghcr.io:443", "ghcr.io"},
    Row{"ghcr.io.:443", "ghcr.io"},
    Row{"https://ghcr.io:443", "ghcr.io"},
    Row{"https://ghcr.io:443/v2/", "ghcr.io"},
    Row{"http://ghcr.io:443", "ghcr.io"},
    Row{"http://ghcr.io:80", "ghcr.io"},
    Row{"http://ghcr.io:80/v1/", "ghcr.io"},
    Row{"ghcr.io:0443", "ghcr.io"},
    Row{"ghcr.io\n", "ghcr.io"},
    Row{"ghcr.io\r\n", "ghcr.io"},
    Row{"  ghcr.io \t\n", "ghcr.io"},
    // Ports.
    Row{"ghcr.io:80", "ghcr.io:80"},
    Row{"https://ghcr.io:80", "ghcr.io:80"},
    Row{"http://ghcr.io:8080", "ghcr.io:8080"},
    Row{"localhost:5000", "localhost:5000"},
    Row{"LOCALHOST:5000/", "localhost:5000"},
    Row{"http://localhost:5000/v2/", "localhost:5000"},
    Row{"localhost:05000", "localhost:5000"},
    Row{"localhost:1", "localhost:1"},
    Row{"localhost:65535", "localhost:65535"},
    Row{"localhost:65536", k_refused},
    Row{"localhost:99999", k_refused},
    Row{"localhost:100000", k_refused},
    Row{"localhost:18446744073709551617", k_refused},
    Row{"localhost:0", k_refused},
    Row{"localhost:00000", k_refused},
    Row{"localhost:", k_refused},
    Row{"localhost:/v2/", k_refused},
    Row{"localhost:-1", k_refused},
    Row{"localhost:+80", k_refused},
    Row{"localhost:5000x", k_refused},
    Row{"localhost:0x50", k_refused},
    Row{"localhost:5000:5000", k_refused},
    Row{"localhost: 5000", k_refused},
    Row{"192.0.2.7:30500", "192.0.2.7:30500"},
    Row{"192.0.2.7", "192.0.2.7"},
    // Repositories.
    Row{"ghcr.io/team/app", "ghcr.io/team/app"},
    Row{"ghcr.io/team/app/", "ghcr.io/team/app"},
    Row{"https://ghcr.io/team/app", "ghcr.io/team/app"},
    Row{"https://ghcr.io/v2/team/app", "ghcr.io/team/app"},
    Row{"https://ghcr.io/v1/team/app", "ghcr.io/team/app"},
    Row{"https://ghcr.io/v2/team/app/", "ghcr.io/team/app"},
    Row{"ghcr.io/v2/team", "ghcr.io/v2/team"},
    Row{"ghcr.io/v2x", "ghcr.io/v2x"},
    Row{"https://ghcr.io/v2x", "ghcr.io/v2x"},
    Row{"https://ghcr.io/v3/", "ghcr.io/v3"},
    Row{"https://ghcr.io/v2/v2", "ghcr.io"},
    Row{"https://ghcr.io/v2/v2/x", "ghcr.io/v2/x"},
    Row{"https://ghcr.io/team/v2", "ghcr.io/team/v2"},
    Row{"GHCR.IO/Team/App", "ghcr.io/Team/App"},
    Row{"ghcr.io/a-b_c.d~e", "ghcr.io/a-b_c.d~e"},
    Row{"ghcr.io/app:latest", "ghcr.io/app:latest"},
    Row{"localhost:5000/team/app", "localhost:5000/team/app"},
    Row{"ghcr.io//", k_refused},
    Row{"ghcr.io//team", k_refused},
    Row{"ghcr.io/team//app", k_refused},
    Row{"ghcr.io/team//", k_refused},
    Row{"https://ghcr.io/v2//", k_refused},
    Row{"https://ghcr.io/v2//team", k_refused},
    Row{"ghcr.io/.", k_refused},
    Row{"ghcr.io/..", k_refused},
    Row{"ghcr.io/../evil", k_refused},
    Row{"ghcr.io/team/../other", k_refused},
    Row{"ghcr.io/team/./app", k_refused},
    Row{"https://ghcr.io/v2/..", k_refused},
    Row{"ghcr.io/team/...", "ghcr.io/team/..."},
    Row{"ghcr.io/*", k_refused},
    Row{"ghcr.io/team/*", k_refused},
    Row{"ghcr.io/[x]", k_refused},
    // Docker Hub.
    Row{"docker.io", "docker.io"},
    Row{"Docker.IO", "docker.io"},
    Row{"index.docker.io", "docker.io"},
    Row{"registry-1.docker.io", "docker.io"},
    Row{"https://index.docker.io/v1/", "docker.io"},
    Row{"https://index.docker.io/v1", "docker.io"},
    Row{"https://index.docker.io/", "docker.io"},
    Row{"https://INDEX.docker.io/v1/", "docker.io"},
    Row{"https://index.docker.io/v2/", "docker.io"},
    Row{"index.docker.io/v1/", "docker.io"},
    Row{"http://index.docker.io/v1/", "docker.io"},
    Row{"https://registry-1.docker.io/v2/", "docker.io"},
    Row{"https://docker.io/v1/", "docker.io"},
    Row{"docker.io:443", "docker.io"},
    Row{"docker.io.", "docker.io"},
    Row{"docker.io/library/alpine", "docker.io/library/alpine"},
    Row{"index.docker.io/library/alpine", "docker.io/library/alpine"},
    Row{"https://registry-1.docker.io/v2/library/alpine", "docker.io/library/alpine"},
    Row{"docker.io:5000", "docker.io:5000"},
    Row{"index.docker.io:5000", "index.docker.io:5000"},
    Row{"hub.docker.com", "hub.docker.com"},
    Row{"auth.docker.io", "auth.docker.io"},
    Row{"index.docker.io.evil.example", "index.docker.io.evil.example"},
    Row{"evil-docker.io", "evil-docker.io"},
    Row{"docker.io.evil.example", "docker.io.evil.example"},
    Row{"xdocker.io", "xdocker.io"},
    // The keys of docker's OAuth tokens.
    Row{"https://index.docker.io/v1/access-token", "https://index.docker.io/v1/access-token"},
    Row{"https://index.docker.io/v1/refresh-token", "https://index.docker.io/v1/refresh-token"},
    Row{"https://index.docker.io/v1/refresh-token\n", "https://index.docker.io/v1/refresh-token"},
    Row{"https://index.docker.io/v1/other-token", "docker.io/other-token"},
    Row{"https://evil.example/v1/access-token", "evil.example/access-token"},
    // Schemes.
    Row{"ftp://ghcr.io", k_refused},
    Row{"oci://ghcr.io", k_refused},
    Row{"docker://ghcr.io", k_refused},
    Row{"httpss://ghcr.io", k_refused},
    Row{"file:///etc/passwd", k_refused},
    Row{"://ghcr.io", k_refused},
    Row{"//ghcr.io", k_refused},
    Row{"/ghcr.io", k_refused},
    Row{"https:/ghcr.io", k_refused},
    Row{"https:ghcr.io", k_refused},
    Row{"https://https://ghcr.io", k_refused},
    Row{"ghcr.io/https://evil.example", k_refused},
    Row{"https://", k_refused},
    Row{"https:///v2/", k_refused},
    Row{"http", "http"},
    // Nothing that names no host is a wildcard.
    Row{"", k_refused},
    Row{" ", k_refused},
    Row{"\n", k_refused},
    Row{".", k_refused},
    Row{"..", k_refused},
    Row{":", k_refused},
    Row{":443", k_refused},
    Row{"/", k_refused},
    Row{"*", k_refused},
    Row{"*.ghcr.io", k_refused},
    // Hosts.
    Row{"my_registry.internal", "my_registry.internal"},
    Row{"a_b", "a_b"},
    Row{"xn--bcher-kva.example", "xn--bcher-kva.example"},
    Row{"a..b", k_refused},
    Row{".ghcr.io", k_refused},
    Row{"ghcr.io..", k_refused},
    Row{"-ghcr.io", k_refused},
    Row{"ghcr-.io", k_refused},
    Row{"gh~cr.io", k_refused},
    Row{"gh!cr.io", k_refused},
    Row{"gh,cr.io", k_refused},
    Row{"bücher.example", k_refused},
    Row{"ghcr.io/bücher", k_refused},
    Row{"ghcr\u3002io", k_refused},
    // Look-alikes and attacks (RFC 3986 userinfo, escapes, header splitting).
    Row{"registry.example.com.evil.example", "registry.example.com.evil.example"},
    Row{"evil.example/registry.example.com", "evil.example/registry.example.com"},
    Row{"user@ghcr.io", k_refused},
    Row{"https://user:pass@ghcr.io", k_refused},
    Row{"https://ghcr.io@evil.example", k_refused},
    Row{"https://ghcr.io%40evil.example", k_refused},
    Row{"ghcr.io#evil.example", k_refused},
    Row{"https://ghcr.io/#x", k_refused},
    Row{"ghcr.io?x=1", k_refused},
    Row{"https://ghcr.io/v2/?x=1", k_refused},
    Row{"ghcr%2eio", k_refused},
    Row{"ghcr.io/%2e%2e/evil", k_refused},
    Row{"ghcr.io\\evil.example", k_refused},
    Row{"https:\\\\ghcr.io", k_refused},
    Row{"ghcr.io evil.example", k_refused},
    Row{"ghcr.io\nevil.example", k_refused},
    Row{"ghcr.io\r\nX-Header: 1", k_refused},
    Row{"ghcr.io\tevil", k_refused},
    Row{"ghcr.io\x7f", k_refused},
    Row{"ghcr.io\x01", k_refused},
    Row{"ghcr.io\0.evil.example"sv, k_refused},
    Row{"ghcr.io\0"sv, k_refused},
    Row{"\0ghcr.io"sv, k_refused},
    Row{"ghcr.io;rm", k_refused},
    Row{"<ghcr.io>", k_refused},
    Row{"\"ghcr.io\"", k_refused},
    Row{"ghcr.io|x", k_refused},
    Row{"ghcr.io/`id`", k_refused},
    Row{"ghcr.io/{a}", k_refused},
    // IPv6, written as RFC 5952 says.
    Row{"[::1]", "[::1]"},
    Row{"[::1]:5000", "[::1]:5000"},
    Row{"http://[::1]:80/v2/", "[::1]"},
    Row{"https://[::1]:443", "[::1]"},
    Row{"[::1]:5000/team/app", "[::1]:5000/team/app"},
    Row{"[0:0:0:0:0:0:0:1]", "[::1]"},
    Row{"[2001:DB8::A]", "[2001:db8::a]"},
    Row{"[2001:0db8:0000:0000:0000:0000:0000:000a]", "[2001:db8::a]"},
    Row{"[2001:db8:0:0:1:0:0:1]", "[2001:db8::1:0:0:1]"},
    Row{"[2001:db8:0:1:1:1:1:1]", "[2001:db8:0:1:1:1:1:1]"},
    Row{"[1:0:0:2:0:0:0:3]", "[1:0:0:2::3]"},
    Row{"[::ffff:192.0.2.1]", "[::ffff:c000:201]"},
    Row{"[1::]", "[1::]"},
    Row{"[::]", "[::]"},
    Row{"[fe80::1%eth0]", k_refused},
    Row{"[fe80::1%25eth0]", k_refused},
    Row{"[::1", k_refused},
    Row{"::1", k_refused},
    Row{"::1]", k_refused},
    Row{"[]", k_refused},
    Row{"[ghcr.io]", k_refused},
    Row{"[::1].", k_refused},
    Row{"[::1]x", k_refused},
    Row{"x[::1]", k_refused},
    Row{"[::1]]", k_refused},
    Row{"[[::1]]", k_refused},
    Row{"[192.0.2.1]", k_refused},
    Row{"[1:2:3:4:5:6:7:8:9]", k_refused},
    Row{"[::1:]", k_refused},
};
static_assert(k_rows.size() >= 200);

TEST(RegistryKey, EverySpellingHasOneText)
{
  for (const auto& [asked, text] : k_rows)
    EXPECT_EQ(text_of(asked), text) << "asked: " << asked;
}

TEST(RegistryKey, TextIsItsOwnCanonicalForm)
{
  for (const auto& row : k_rows) {
    if (row.text == k_refused) continue;
    EXPECT_EQ(text_of(row.text), row.text) << "asked: " << row.asked;
  }
}

// Random texts of the bytes that decide something.
TEST(RegistryKey, TextIsItsOwnCanonicalFormForRandomInput)
{
  constexpr std::array k_pieces{"https://"sv, "http://"sv,   "/v1"sv,         "/v2"sv,   "/"sv,
                                ":443"sv,     ":80"sv,       ":5000"sv,       "."sv,     "a"sv,
                                "B-"sv,       "docker.io"sv, "index."sv,      "[::1]"sv, "[1:0::"sv,
                                "]"sv,        "x_y"sv,       "access-token"sv};
  std::mt19937 random(20260820); // NOLINT(cert-msc32-c,cert-msc51-cpp): the same cases every time
  std::uniform_int_distribution<std::size_t> piece(0, k_pieces.size() - 1);
  std::uniform_int_distribution<int> count(1, 7);
  int accepted = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string asked;
    for (int n = count(random); n > 0; --n)
      asked += k_pieces.at(piece(random));
    const auto text = text_of(asked);
    if (text == k_refused) continue;
    ++accepted;
    ASSERT_EQ(text_of(text), text) << "asked: " << asked;
  }
  EXPECT_GT(accepted, 10'000);
}

TEST(RegistryKey, HasParts)
{
  const auto key = RegistryKey::parse("https://Registry.example.org:5000/v2/team/app");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->registry(), "registry.example.org:5000");
  EXPECT_EQ(key->host(), "registry.example.org");
  EXPECT_EQ(key->port(), "5000");
  EXPECT_EQ(key->repository(), "team/app");
  EXPECT_FALSE(key->opaque());
}

TEST(RegistryKey, PartsThatAreNotThereAreEmpty)
{
  const auto key = RegistryKey::parse("ghcr.io");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->registry(), "ghcr.io");
  EXPECT_EQ(key->host(), "ghcr.io");
  EXPECT_EQ(key->port(), "");
  EXPECT_EQ(key->repository(), "");
}

TEST(RegistryKey, AddressesKeepTheirBrackets)
{
  const auto key = RegistryKey::parse("[2001:DB8::1]:5000/app");
  ASSERT_TRUE(key);
  EXPECT_EQ(key->host(), "[2001:db8::1]");
  EXPECT_EQ(key->port(), "5000");
  EXPECT_EQ(key->repository(), "app");
}

TEST(RegistryKey, DockersOwnTokensAreOpaque)
{
  const auto key = RegistryKey::parse("https://index.docker.io/v1/access-token");
  ASSERT_TRUE(key);
  EXPECT_TRUE(key->opaque());
  EXPECT_EQ(key->registry(), key->text());
  EXPECT_EQ(key->port(), "");
  EXPECT_EQ(key->repository(), "");
  EXPECT_EQ(key->docker_spelling(), key->text());
}

TEST(RegistryKey, DockerHubHasAnOldSpelling)
{
  EXPECT_EQ(RegistryKey::parse("docker.io")->docker_spelling(), "https://index.docker.io/v1/");
  EXPECT_EQ(RegistryKey::parse("docker.io/library/x")->docker_spelling(), "docker.io/library/x");
  EXPECT_EQ(RegistryKey::parse("https://ghcr.io/v1/")->docker_spelling(), "ghcr.io");
}

TEST(RegistryKey, EqualTextsAreEqualKeys)
{
  EXPECT_EQ(RegistryKey::parse("https://GHCR.io/v2/"), RegistryKey::parse("ghcr.io"));
  EXPECT_NE(RegistryKey::parse("ghcr.io:80"), RegistryKey::parse("ghcr.io"));
  EXPECT_NE(RegistryKey::parse("ghcr.io/team"), RegistryKey::parse("ghcr.io"));
}

TEST(RegistryKey, SizesHaveLimits)
{
  const std::string label(63, 'a');
  EXPECT_EQ(text_of(label + ".example"), label + ".example");
  EXPECT_EQ(text_of(label + "a.example"), k_refused);

  const std::string longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  ASSERT_EQ(longest.size(), 253U);
  EXPECT_EQ(text_of(longest), longest);
  EXPECT_EQ(text_of(longest + "a"), k_refused);

  const std::string path = "ghcr.io/" + std::string(RegistryKey::k_max_size - 8, 'a');
  EXPECT_EQ(text_of(path), path);
  EXPECT_EQ(text_of(path + "a"), k_refused);
  EXPECT_EQ(text_of(" " + path + "\n"), path);
}

} // namespace
} // namespace purser
