#include "daemon/store/store_format.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace purser {
namespace {

class StoreFormatTest : public testing::Test {
protected:
  void add(std::string_view space, std::string_view registry, std::string_view secret)
  {
    const RecordName name{std::string(space), std::string(registry)};
    const Credential credential("ann", Secret(secret));
    records.insert_or_assign(name, seal_record(key, name, credential));
  }

  std::string secret_in(const SealedRecords& decoded, std::string_view registry)
  {
    const RecordName name("", std::string(registry));
    const auto record = decoded.find(name);
    if (record == decoded.end()) return "no record";
    const auto secret = open_secret(key, name, record->second);
    return secret ? std::string(secret->reveal()) : "does not open";
  }

  // `bytes` with the digest that its contents would have.
  std::string signed_again(std::string bytes)
  {
    bytes.resize(bytes.size() - SealingKey::k_size);
    return bytes + key.digest(bytes);
  }

  SealingKey key = SealingKey::random();
  SealedRecords records;
};

TEST_F(StoreFormatTest, DecodesWhatItEncoded)
{
  add("", "registry.example.com", "fake-1");
  add("", "registry.example.com:5000/team", "fake-2");
  add("job", "registry.example.com", "fake-3");
  const auto decoded = decode_store(key, encode_store(key, records));
  ASSERT_TRUE(decoded) << decoded.error().what;
  EXPECT_EQ(decoded->size(), 3U);
  EXPECT_EQ(secret_in(*decoded, "registry.example.com"), "fake-1");
  EXPECT_EQ(secret_in(*decoded, "registry.example.com:5000/team"), "fake-2");
  EXPECT_EQ(decoded->at(RecordName("job", "registry.example.com")).username, "ann");
}

TEST_F(StoreFormatTest, DecodesNoRecords)
{
  const auto decoded = decode_store(key, encode_store(key, {}));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->empty());
}

TEST_F(StoreFormatTest, TakesNamesAndSecretsOfAnyBytes)
{
  const std::string odd("a\0b\n\xff", 5);
  const RecordName name(odd, odd + odd);
  records.emplace(name, seal_record(key, name, Credential(odd, Secret(odd))));
  const auto decoded = decode_store(key, encode_store(key, records));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->at(name).username, odd);
  EXPECT_EQ(open_secret(key, name, decoded->at(name)).value().reveal(), odd);
}

TEST_F(StoreFormatTest, RecordsKeepTheTextThatTheyArePiecesOf)
{
  add("", "a.example.com", "fake-1");
  add("", "b.example.com", "fake-2");
  auto bytes = std::make_shared<const std::string>(encode_store(key, records));
  const std::weak_ptr<const std::string> kept = bytes;
  auto decoded = decode_store(key, *bytes, bytes);
  ASSERT_TRUE(decoded);
  bytes.reset();
  decoded->erase(RecordName("", "a.example.com"));
  EXPECT_EQ(secret_in(*decoded, "b.example.com"), "fake-2");
  EXPECT_FALSE(kept.expired());
  decoded->clear();
  EXPECT_TRUE(kept.expired());
}

TEST_F(StoreFormatTest, RecordsOfAChangeLetGoOfTheTextBefore)
{
  add("", "a.example.com", "fake-1");
  add("job", "a.example.com", "fake-2");
  auto before = std::make_shared<const std::string>(encode_store(key, records));
  const std::weak_ptr<const std::string> kept = before;
  records = decode_store(key, *before, before).value();
  before.reset();
  add("", "b.example.com", "fake-3");
  const auto after = std::make_shared<const std::string>(encode_store(key, records));
  share_encoded(records, after);
  EXPECT_TRUE(kept.expired());
  EXPECT_EQ(encode_store(key, records), *after);
  EXPECT_EQ(secret_in(records, "a.example.com"), "fake-1");
  EXPECT_EQ(secret_in(records, "b.example.com"), "fake-3");
}

TEST_F(StoreFormatTest, HidesNamesAndSecrets)
{
  add("marker-space", "marker-registry", "marker-secret");
  EXPECT_EQ(encode_store(key, records).find("marker"), std::string::npos);
}

TEST_F(StoreFormatTest, RefusesEveryFlippedBit)
{
  add("", "a.example.com", "fake-1");
  add("", "b.example.com", "fake-2");
  const auto bytes = encode_store(key, records);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    ASSERT_FALSE(decode_store(key, damaged)) << "bit " << bit;
  }
}

TEST_F(StoreFormatTest, RefusesEveryTruncationAndAddition)
{
  add("", "a.example.com", "fake-1");
  const auto bytes = encode_store(key, records);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    ASSERT_FALSE(decode_store(key, std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode_store(key, bytes + '\0'));
  EXPECT_FALSE(decode_store(key, bytes + bytes));
}

TEST_F(StoreFormatTest, TellsAnotherKeyFromDamage)
{
  add("", "a.example.com", "fake-1");
  const auto bytes = encode_store(key, records);
  const auto other = decode_store(SealingKey::random(), bytes);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::misconfigured);
  const auto empty = decode_store(key, "");
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().code, Errc::protocol_error);
}

// What nobody without the key could do: the seals hold on their own, too.
TEST_F(StoreFormatTest, RefusesTheSecretOfAnotherRecord)
{
  add("", "a.example.com", "fake-of-a");
  add("", "b.example.com", "fake-of-b");
  auto& a = records.at(RecordName("", "a.example.com"));
  auto& b = records.at(RecordName("", "b.example.com"));
  std::swap(a.sealed_secret, b.sealed_secret);
  const auto decoded = decode_store(key, encode_store(key, records));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(secret_in(*decoded, "a.example.com"), "does not open");
  EXPECT_EQ(secret_in(*decoded, "b.example.com"), "does not open");
}

TEST_F(StoreFormatTest, RefusesARecordTwiceAndAWrongCount)
{
  constexpr std::size_t k_count_at = 32;
  add("", "a.example.com", "fake-1");
  const auto bytes = encode_store(key, records);
  const auto record = bytes.substr(k_count_at + 4, bytes.size() - k_count_at - 4 - 32);

  auto twice = bytes;
  twice[k_count_at] = 2;
  twice.insert(k_count_at + 4, record);
  EXPECT_FALSE(decode_store(key, signed_again(twice)));
  auto fewer = bytes;
  fewer[k_count_at] = 0;
  EXPECT_FALSE(decode_store(key, signed_again(fewer)));
  auto many = bytes;
  many[k_count_at + 3] = '\x7f';
  EXPECT_FALSE(decode_store(key, signed_again(many)));
  EXPECT_TRUE(decode_store(key, signed_again(bytes)));
}

} // namespace
} // namespace purser
