#include "daemon/seal/sealing_key.hpp"
#include "daemon/store/wrapped_key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

constexpr ScryptCost k_cheap{4, 8, 1};

struct WrappedKeyTest : testing::Test {
  Secret key = random_key_bytes();
  std::string wrapped = wrap_key(key, Secret("fake-passphrase"), k_cheap).value();

  std::string outcome(const std::string& text,
                      std::string_view passphrase = "fake-passphrase") const
  {
    const auto opened = unwrap_key(text, Secret(passphrase));
    if (!opened) return std::string(to_string(opened.error().code));
    return *opened == key ? "the key" : "another key";
  }
};

TEST_F(WrappedKeyTest, OpensWithItsPassphraseOnly)
{
  EXPECT_EQ(outcome(wrapped), "the key");
  EXPECT_EQ(outcome(wrapped, "fake-passphrasf"), "rejected");
  EXPECT_EQ(outcome(wrapped, ""), "rejected");
}

TEST_F(WrappedKeyTest, IsToldFromAPlainKey)
{
  EXPECT_EQ(wrapped.size(), k_wrapped_key_size);
  EXPECT_TRUE(is_wrapped_key(wrapped));
  EXPECT_FALSE(is_wrapped_key(std::string(64, 'a')));
  EXPECT_FALSE(is_wrapped_key(""));
}

TEST_F(WrappedKeyTest, DiffersEachTime)
{
  EXPECT_NE(wrapped, wrap_key(key, Secret("fake-passphrase"), k_cheap).value());
}

TEST_F(WrappedKeyTest, NothingInItCanBeChanged)
{
  for (std::size_t at = 0; at < wrapped.size(); ++at) {
    auto changed = wrapped;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    const auto answer = outcome(changed);
    EXPECT_TRUE(answer == "rejected" || answer == "protocol_error") << at << ": " << answer;
  }
  for (std::size_t size = 0; size < wrapped.size(); ++size)
    EXPECT_EQ(outcome(wrapped.substr(0, size)), "protocol_error") << size;
}

} // namespace
} // namespace purser
