#include "daemon/cache/overrides.hpp"
#include "tests/support/manual_clock.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

std::string base64(const std::string& text)
{
  std::string encoded((text.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

struct OverridesTest : testing::Test {
  asio::io_context io;
  ManualClock clock{io};
  SealingKey key = SealingKey::random();
  Overrides overrides{clock, key};

  long long epoch() const
  {
    return std::chrono::duration_cast<std::chrono::seconds>(clock.wall().time_since_epoch())
        .count();
  }
  std::string password_ending(long long seconds) const
  {
    return base64(
        R"({"payload":"fake","datakey":"fake","version":"2","type":"DATA_KEY","expiration":)" +
        std::to_string(seconds) + "}");
  }
  std::string find(const std::string& registry)
  {
    const auto found = overrides.find(registry);
    return found ? found->username + ":" + std::string(found->secret.reveal()) : "(none)";
  }
};

TEST_F(OverridesTest, AnOverrideIsForItsRegistryOnly)
{
  ASSERT_TRUE(overrides.put("a.example", Credential("AWS", Secret("fake-secret"))));
  EXPECT_EQ(find("a.example"), "AWS:fake-secret");
  EXPECT_EQ(find("b.example"), "(none)");
}

TEST_F(OverridesTest, AnEcrPasswordEndsWhenItSays)
{
  const std::string password = password_ending(epoch() + 600);
  ASSERT_TRUE(overrides.put("a.example", Credential("AWS", Secret(password))));
  clock.advance(599s);
  EXPECT_EQ(find("a.example"), "AWS:" + password);
  clock.advance(1s);
  EXPECT_EQ(find("a.example"), "(none)");
}

TEST_F(OverridesTest, AnythingElseEndsAfterTwelveHours)
{
  ASSERT_TRUE(overrides.put("a.example", Credential("AWS", Secret("fake-secret"))));
  clock.advance(12h - 1s);
  EXPECT_NE(find("a.example"), "(none)");
  clock.advance(1s);
  EXPECT_EQ(find("a.example"), "(none)");
}

TEST_F(OverridesTest, AnExpiredPasswordIsRefused)
{
  const auto put =
      overrides.put("a.example", Credential("AWS", Secret(password_ending(epoch() - 1))));
  ASSERT_FALSE(put);
  EXPECT_EQ(put.error().code, Errc::rejected);
  EXPECT_EQ(find("a.example"), "(none)");
}

TEST_F(OverridesTest, ADistantEndIsCut)
{
  ASSERT_TRUE(overrides.put("a.example",
                            Credential("AWS", Secret(password_ending(9'000'000'000'000'000'000)))));
  clock.advance(12h);
  EXPECT_EQ(find("a.example"), "(none)");
}

TEST_F(OverridesTest, EraseForgets)
{
  ASSERT_TRUE(overrides.put("a.example", Credential("AWS", Secret("fake-secret"))));
  overrides.erase("a.example");
  EXPECT_EQ(find("a.example"), "(none)");
  EXPECT_TRUE(overrides.empty());
}

TEST(EcrPassword, OnlyItsOwnFormSaysWhenItEnds)
{
  EXPECT_EQ(ecr_password_expiration(Secret(base64(R"({"expiration": 1700000000})"))), 1700000000);
  EXPECT_FALSE(ecr_password_expiration(Secret("")));
  EXPECT_FALSE(ecr_password_expiration(Secret("not base64 at all")));
  EXPECT_FALSE(ecr_password_expiration(Secret(base64("[1700000000]"))));
  EXPECT_FALSE(ecr_password_expiration(Secret(base64(R"({"expiration":-5})"))));
  EXPECT_FALSE(ecr_password_expiration(Secret(base64(R"({"expiration":"soon"})"))));
}

TEST_F(OverridesTest, NamespacesHaveTheirOwnAndCanBeCleared)
{
  const auto put = [this](const std::string& space, const std::string& secret) {
    return overrides.put(Overrides::name(space, "a.example"), Credential("AWS", Secret(secret)));
  };
  ASSERT_TRUE(put("", "fake-0") && put("job", "fake-1") && put("job-2", "fake-2"));
  EXPECT_EQ(find("a.example"), "AWS:fake-0");
  EXPECT_EQ(find(Overrides::name("job", "a.example")), "AWS:fake-1");
  EXPECT_EQ(overrides.spaces(), (std::map<std::string, std::size_t>{{"job", 1}, {"job-2", 1}}));
  EXPECT_EQ(overrides.clear("job"), 1U);
  EXPECT_EQ(overrides.clear("job"), 0U);
  EXPECT_EQ(find(Overrides::name("job", "a.example")), "(none)");
  EXPECT_EQ(find(Overrides::name("job-2", "a.example")), "AWS:fake-2");
  EXPECT_EQ(find("a.example"), "AWS:fake-0");
}

} // namespace
} // namespace purser::test
