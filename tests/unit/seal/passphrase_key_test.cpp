#include "daemon/seal/passphrase_key.hpp"

#include <gtest/gtest.h>

#include <string>

namespace purser {
namespace {

std::string hex(const Secret& bytes)
{
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.reveal()) {
    text += digits[static_cast<unsigned char>(c) >> 4U];
    text += digits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::string derived(std::string_view passphrase, std::string_view salt, const ScryptCost& cost)
{
  const auto key = key_from_passphrase(Secret(passphrase), salt, cost);
  return key ? hex(*key) : std::string(to_string(key.error().code));
}

// RFC 7914, section 12: the first half of each, since a shorter output is the beginning of a
// longer.
TEST(PassphraseKey, IsScrypt)
{
  EXPECT_EQ(derived("password", "NaCl", {10, 8, 16}),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162");
  EXPECT_EQ(derived("pleaseletmein", "SodiumChloride", {14, 8, 1}),
            "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2");
}

TEST(PassphraseKey, IsMadeAtTheCostThatIsOurs)
{
  EXPECT_EQ(derived("fake-passphrase", "fake-salt", k_passphrase_cost).size(), 64U);
}

TEST(PassphraseKey, NoFileMakesItCostTooMuch)
{
  for (const ScryptCost cost :
       {ScryptCost{19, 8, 1}, ScryptCost{16, 64, 1}, ScryptCost{60, 1, 1}, ScryptCost{0, 8, 1},
        ScryptCost{4, 0, 1}, ScryptCost{4, 8, 0}, ScryptCost{4, 8, 65}, ScryptCost{4, 65, 1}})
    EXPECT_EQ(derived("fake", "fake", cost), "protocol_error") << cost.log2_n;
}

} // namespace
} // namespace purser
