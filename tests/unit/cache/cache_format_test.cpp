#include "daemon/cache/cache_format.hpp"
#include "daemon/cache/piece_writer.hpp"
#include "daemon/cache/process_key.hpp"
#include "tests/support/kept_cache.hpp"

#include <gtest/gtest.h>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

struct CacheFormatTest : testing::Test {
  std::string encoded()
  {
    KeptCache kept;
    kept.tokens.push_back(kept_token(process.key(), "prod", "marker-token"));
    kept.tokens.push_back(kept_token(process.key(), "dev", "marker-token-2"));
    kept.overrides.push_back(kept_override(process.key(), "a.example", "marker-password"));
    return encoded_cache(key, owner, k_moment, process.bytes(), kept);
  }
  Result<SavedCache> decoded(const std::string& bytes) { return decode_cache(key, owner, bytes); }
  std::string trouble(const std::string& bytes)
  {
    const auto saved = decoded(bytes);
    return saved ? "none" : saved.error().what;
  }
  // `bytes` with the digest that they would have if the owner of the key had written them.
  std::string signed_again(std::string bytes)
  {
    bytes.resize(bytes.size() - SealingKey::k_size);
    return bytes + key.digest(bytes);
  }

  // What the sink gets for an override that makes the cache `size` bytes long; after `working`
  // pieces it fails.
  Result<> encode_to(std::size_t size, std::size_t working = 10'000)
  {
    pieces.clear();
    const auto sink = [this, working](std::string_view piece) -> Result<> {
      pieces.emplace_back(piece);
      if (pieces.size() > working) return Error{Errc::transient, "fake error"};
      return {};
    };
    KeptCache kept;
    kept.overrides.push_back({"a.example", "", "", k_moment.boot});
    const auto least = encoded_cache(key, owner, k_moment, process.bytes(), kept).size();
    kept.overrides.front().sealed.assign(size - least, 'x');
    return encode_cache(key, owner, k_moment, process.bytes(), kept, sink);
  }

  std::vector<std::string> pieces;
  SealingKey key = SealingKey::random();
  ProcessKey process;
  CacheOwner owner{1000, "machine", "boot 1"};
};

TEST_F(CacheFormatTest, ATokenComesBackAsItWas)
{
  const auto saved = decoded(encoded());
  ASSERT_TRUE(saved) << saved.error().what;
  ASSERT_EQ(saved->kept.tokens.size(), 2U);
  const KeptToken& token = saved->kept.tokens[0];
  EXPECT_EQ(token.provider, "ecr");
  EXPECT_EQ(token.identity, "prod");
  EXPECT_EQ(token.source, "profile marker-source");
  EXPECT_EQ(token.registries, (std::vector<std::string>{"marker-registry.example", "b.example"}));
  EXPECT_EQ(token.username, "marker-user");
  EXPECT_EQ(token.life.sent_at, k_moment.boot);
  EXPECT_EQ(token.life.renew_at, k_moment.boot + 5h);
  EXPECT_EQ(token.life.expires_at, k_moment.boot + 12h);
  EXPECT_EQ(token.last_used, k_moment.boot + 1min);
}

TEST_F(CacheFormatTest, TheProcessKeyThatComesBackOpensWhatLayInMemory)
{
  auto saved = decoded(encoded());
  ASSERT_TRUE(saved);
  ProcessKey next;
  ASSERT_TRUE(next.become(std::move(saved->process_key)));
  EXPECT_EQ(next.key().open(*saved->kept.tokens[1].sealed, "dev").value().reveal(),
            "marker-token-2");
  EXPECT_EQ(next.key().open(saved->kept.overrides.at(0).sealed, "a.example").value().reveal(),
            "marker-password");
}

TEST_F(CacheFormatTest, SecretsNamesAndTheProcessKeyAreNotInIt)
{
  const auto bytes = encoded();
  EXPECT_EQ(bytes.find("marker"), std::string::npos);
  EXPECT_EQ(bytes.find("example"), std::string::npos);
  EXPECT_EQ(bytes.find(process.bytes().reveal()), std::string::npos);
}

TEST_F(CacheFormatTest, ItIsKnownWhetherTheBootIsTheSame)
{
  const auto bytes = encoded();
  EXPECT_TRUE(decoded(bytes)->same_boot);
  owner.boot = "boot 2"; // or another time namespace
  EXPECT_FALSE(decoded(bytes)->same_boot);
}

TEST_F(CacheFormatTest, WhatIsNotOursIsRefusedByName)
{
  const auto bytes = encoded();
  owner.uid = 1001;
  EXPECT_EQ(trouble(bytes), "is another user's");
  owner = CacheOwner{1000, "other machine", "boot 1"};
  EXPECT_EQ(trouble(bytes), "is another machine's");
  owner = CacheOwner{1000, "", "boot 1"};
  EXPECT_EQ(trouble(bytes), "is another machine's");
  key = SealingKey::random();
  EXPECT_EQ(trouble(bytes), "is sealed with another key");
}

TEST_F(CacheFormatTest, WithoutAMachineIdItIsForThisBootOnly)
{
  owner.machine.clear();
  const auto bytes = encoded();
  EXPECT_TRUE(decoded(bytes));
  owner.boot = "boot 2";
  EXPECT_EQ(trouble(bytes), "is of another boot, on a machine without /etc/machine-id");
}

TEST_F(CacheFormatTest, AnOlderAndANewerVersionAreNoDamage)
{
  for (const char version : {'\0', '\2'}) {
    auto bytes = encoded();
    bytes[12] = version;
    EXPECT_EQ(trouble(bytes), "was saved by another version of purser");
    EXPECT_EQ(decoded(bytes).error().code, Errc::misconfigured);
  }
}

TEST_F(CacheFormatTest, EveryFlippedBitIsRefused)
{
  const auto bytes = encoded();
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(decoded(damaged)) << "bit " << bit;
  }
}

TEST_F(CacheFormatTest, EveryTruncationAndAdditionIsDamage)
{
  const auto bytes = encoded();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = decoded(bytes.substr(0, size));
    ASSERT_FALSE(cut) << size;
    ASSERT_EQ(cut.error().code, Errc::protocol_error) << size;
  }
  EXPECT_FALSE(decoded(bytes + '\0'));
  EXPECT_FALSE(decoded(bytes + bytes));
}

// What nobody without the key could do: the seals hold on their own, too.
TEST_F(CacheFormatTest, EveryFlippedBitUnderAGoodDigestGivesNothingOrTheSameTokens)
{
  const auto bytes = encoded();
  for (std::size_t bit = 0; bit < (bytes.size() - SealingKey::k_size) * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    const auto saved = decoded(signed_again(damaged));
    if (!saved) continue;
    ASSERT_EQ(saved->kept.tokens.size(), 2U) << "bit " << bit;
    ASSERT_EQ(saved->process_key, process.bytes()) << "bit " << bit;
    const auto secret = process.key().open(*saved->kept.tokens[0].sealed, "prod");
    ASSERT_TRUE(secret && secret->reveal() == "marker-token") << "bit " << bit;
  }
}

TEST_F(CacheFormatTest, AnEmptyCacheComesBackEmpty)
{
  const auto saved = decoded(encoded_cache(key, owner, k_moment, process.bytes(), {}));
  ASSERT_TRUE(saved);
  EXPECT_TRUE(saved->kept.tokens.empty() && saved->kept.overrides.empty());
  EXPECT_EQ(saved->saved.wall, k_moment.wall);
}

TEST_F(CacheFormatTest, AroundTheSizeOfAPieceItComesBackWhole)
{
  for (const std::size_t whole : {1U, 2U, 5U}) {
    for (const std::size_t more : {0U, 1U, 2U, 32U, 33U, 34U, 64U, 65U, 66U}) {
      const auto size = whole * PieceWriter::k_piece_size - 33 + more; // the digest takes 32
      ASSERT_TRUE(encode_to(size));
      std::string bytes;
      for (const auto& piece : pieces)
        bytes += piece;
      ASSERT_EQ(bytes.size(), size);
      const auto saved = decoded(bytes);
      ASSERT_TRUE(saved) << size << ' ' << saved.error().what;
      ASSERT_EQ(saved->kept.overrides.at(0).sealed.back(), 'x');
    }
  }
}

TEST_F(CacheFormatTest, NoPieceIsLargerThanTheOthersAndNoneIsEmpty)
{
  for (const std::size_t size :
       {std::size_t{1000}, 3 * PieceWriter::k_piece_size, 3 * PieceWriter::k_piece_size + 1}) {
    ASSERT_TRUE(encode_to(size));
    const auto last = size - (pieces.size() - 1) * PieceWriter::k_piece_size;
    EXPECT_EQ(pieces.back().size(), last);
    EXPECT_TRUE(last > 0 && last <= PieceWriter::k_piece_size) << last;
    for (std::size_t i = 0; i + 1 < pieces.size(); ++i)
      EXPECT_EQ(pieces[i].size(), PieceWriter::k_piece_size);
  }
}

TEST_F(CacheFormatTest, ASinkThatFailsIsGivenNothingMore)
{
  for (const std::size_t working : {0U, 1U, 2U, 3U}) {
    const auto encoded = encode_to(3 * PieceWriter::k_piece_size + 1000, working);
    ASSERT_FALSE(encoded) << working;
    EXPECT_EQ(encoded.error().what, "fake error");
    EXPECT_EQ(pieces.size(), working + 1);
  }
}

TEST_F(CacheFormatTest, TheLimitIsTheLastSizeThatIsWritten)
{
  ASSERT_TRUE(encode_to(k_max_cache_size));
  EXPECT_EQ(pieces.size(), k_max_cache_size / PieceWriter::k_piece_size);
  const auto encoded = encode_to(k_max_cache_size + 1);
  ASSERT_FALSE(encoded);
  EXPECT_EQ(encoded.error().code, Errc::misconfigured);
  EXPECT_EQ(encoded.error().what, "the cache is too large");
}

} // namespace
} // namespace purser::test
