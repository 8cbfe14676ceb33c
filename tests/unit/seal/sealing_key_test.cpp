#include "daemon/seal/sealing_key.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace purser {
namespace {

SealingKey key_of(char byte)
{
  return SealingKey::from_bytes(Secret(std::string(SealingKey::k_size, byte))).value();
}

std::string from_hex(std::string_view hex)
{
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return bytes;
}

TEST(SealingKey, OpensWhatItSealed)
{
  const auto key = SealingKey::random();
  for (const std::size_t size : {0U, 1U, 15U, 16U, 17U, 2560U, 1U << 20U}) {
    const std::string plain(size, 'p');
    const auto sealed = key.seal(plain, "context");
    EXPECT_EQ(sealed.size(), size + SealingKey::k_overhead);
    const auto opened = key.open(sealed, "context");
    ASSERT_TRUE(opened) << size;
    EXPECT_EQ(opened->reveal(), plain);
  }
}

TEST(SealingKey, TakesAnEmptyContext)
{
  const auto key = SealingKey::random();
  EXPECT_EQ(key.open(key.seal("fake", ""), "").value().reveal(), "fake");
}

TEST(SealingKey, SealsTheSameTextDifferentlyEachTime)
{
  const auto key = SealingKey::random();
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i)
    seen.insert(key.seal("fake", "context").substr(0, 12));
  EXPECT_EQ(seen.size(), 1000U);
}

TEST(SealingKey, HidesThePlainText)
{
  const auto key = SealingKey::random();
  EXPECT_EQ(key.seal("fake-marker-secret", "context").find("marker"), std::string::npos);
}

TEST(SealingKey, RefusesEveryFlippedBit)
{
  const auto key = SealingKey::random();
  const auto sealed = key.seal("fake-password", "context");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto damaged = sealed;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto opened = key.open(damaged, "context");
    ASSERT_FALSE(opened) << "bit " << bit;
    EXPECT_EQ(opened.error().code, Errc::protocol_error);
  }
}

TEST(SealingKey, RefusesEveryTruncation)
{
  const auto key = SealingKey::random();
  const auto sealed = key.seal("fake-password", "context");
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(key.open(std::string_view(sealed).substr(0, size), "context")) << size;
  EXPECT_FALSE(key.open(sealed + '\0', "context"));
}

TEST(SealingKey, RefusesAnotherContextAndAnotherKey)
{
  const auto key = key_of('a');
  const auto sealed = key.seal("fake-password", "context");
  EXPECT_FALSE(key.open(sealed, "contexT"));
  EXPECT_FALSE(key.open(sealed, ""));
  EXPECT_FALSE(key_of('b').open(sealed, "context"));
  EXPECT_TRUE(key_of('a').open(sealed, "context"));
}

TEST(Opener, OpensManyAndGoesOnAfterADamagedOne)
{
  const auto key = SealingKey::random();
  Opener opener(key);
  for (const std::string plain : {"one", "", "a longer text than the others"}) {
    const auto sealed = key.seal(plain, "context");
    EXPECT_EQ(opener.open(sealed, "context").value().reveal(), plain);
    EXPECT_FALSE(opener.open(sealed, "another"));
    EXPECT_FALSE(opener.open(sealed.substr(1), "context"));
  }
}

TEST(SealingKey, TakesKeysOf32BytesOnly)
{
  for (const std::size_t size : {0U, 16U, 31U, 33U, 64U}) {
    const auto key = SealingKey::from_bytes(Secret(std::string(size, 'k')));
    ASSERT_FALSE(key) << size;
    EXPECT_EQ(key.error().code, Errc::misconfigured);
  }
}

// Made with Python's cryptography: HKDF(SHA256, 32, None, b"purser seal 1").derive(b"k" * 32),
// AESGCM with the nonce 00..0b; HKDF with b"purser digest 1", hmac over b"fake text".
TEST(SealingKey, AgreesWithAnotherImplementation)
{
  const auto key = key_of('k');
  const auto opened = key.open(
      from_hex(
          "000102030405060708090a0b1e1beb8567b95844266ce8b4bd5d393a56e013e2dc5146094b480f1ae47caf"),
      "fake context");
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "fake plain text");
  EXPECT_EQ(key.digest("fake text"),
            from_hex("3d70a4f76dec89daec8c3d3bc1087a433d6fa3557e0dc26c3734a1654f54b706"));
}

TEST(SealingKey, DigestsDependOnKeyAndText)
{
  const auto key = key_of('a');
  EXPECT_EQ(key.digest("fake").size(), SealingKey::k_size);
  EXPECT_EQ(key.digest("fake"), key.digest("fake"));
  EXPECT_EQ(key.digest("").size(), SealingKey::k_size);
  EXPECT_NE(key.digest("fake"), key.digest("fakf"));
  EXPECT_NE(key.digest("fake"), key_of('b').digest("fake"));
}

TEST(Digester, PiecesHaveTheDigestOfTheWhole)
{
  const auto key = key_of('a');
  const std::string text(200, 'x');
  for (const std::size_t size : {1U, 31U, 64U, 65U, 200U}) {
    Digester digester(key);
    for (std::size_t at = 0; at < text.size(); at += size) {
      digester.add(text.substr(at, size));
      (void)key.digest("another meanwhile");
    }
    EXPECT_EQ(digester.digest(), key.digest(text)) << size;
  }
  EXPECT_EQ(Digester(key).digest(), key.digest(""));
}

TEST(SealingKey, RandomKeysDiffer)
{
  EXPECT_NE(SealingKey::random().digest("fake"), SealingKey::random().digest("fake"));
}

TEST(FieldList, NeverGivesTheSameTextForDifferentFields)
{
  const auto text = [](std::initializer_list<std::string_view> fields) {
    FieldList list;
    for (const auto field : fields)
      list.add(field);
    return std::string(list.text());
  };
  EXPECT_EQ(text({"ab"}), std::string("\2\0\0\0\0\0\0\0ab", 10));
  const std::set<std::string> texts{text({}),        text({""}),       text({"", ""}),
                                    text({"ab"}),    text({"a", "b"}), text({"", "ab"}),
                                    text({"ab", ""})};
  EXPECT_EQ(texts.size(), 7U);
}

} // namespace
} // namespace purser
