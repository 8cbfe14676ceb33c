#include "daemon/formats/base64url.hpp"
#include "daemon/providers/aws/keys/dpop.hpp"
#include "tests/support/ec_key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include <string>
#include <string_view>

// tests/support/rig_signin.py judges the same proofs by another library.
namespace purser::aws {
namespace {

constexpr std::string_view k_url = "https://us-east-1.signin.aws.amazon.com/v1/token";
constexpr WallTime k_now{std::chrono::seconds(1'800'000'000)};

std::string decoded(std::string_view text)
{
  const auto bytes = decode_base64url(text);
  return bytes ? std::string(bytes->begin(), bytes->end()) : std::string("not base64url");
}

struct Parts {
  explicit Parts(const std::string& proof)
    : signed_text(proof.substr(0, proof.rfind('.')))
    , header(nlohmann::json::parse(decoded(proof.substr(0, proof.find('.')))))
    , claims(nlohmann::json::parse(decoded(signed_text.substr(signed_text.find('.') + 1))))
    , signature(decoded(proof.substr(proof.rfind('.') + 1)))
  {
  }

  std::string signed_text;
  nlohmann::json header;
  nlohmann::json claims;
  std::string signature;
};

BIGNUM* number(std::string_view bytes)
{
  return BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                   static_cast<int>(bytes.size()), nullptr);
}

bool is_signed_by(const Parts& parts, const test::EcKey& key)
{
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> signature(ECDSA_SIG_new(),
                                                                        ECDSA_SIG_free);
  ECDSA_SIG_set0(signature.get(), number(parts.signature.substr(0, 32)),
                 number(parts.signature.substr(32)));
  std::string der(128, '\0');
  auto* end = reinterpret_cast<unsigned char*>(der.data());
  const int size = i2d_ECDSA_SIG(signature.get(), &end);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                       EVP_MD_CTX_free);
  EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get());
  return EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(der.data()),
                          static_cast<std::size_t>(size),
                          reinterpret_cast<const unsigned char*>(parts.signed_text.data()),
                          parts.signed_text.size()) == 1;
}

TEST(DpopProof, IsSignedByTheKeyThatItShows)
{
  // Often enough for numbers that begin with zeros.
  for (int round = 0; round < 300; ++round) {
    const auto key = test::new_ec_key();
    const auto proof = dpop_proof(Secret(test::pem_of(key)), k_url, k_now, "id");
    ASSERT_TRUE(proof) << proof.error().what;
    const Parts parts(*proof);
    ASSERT_EQ(parts.signature.size(), 64U);
    ASSERT_TRUE(is_signed_by(parts, key));
    ASSERT_FALSE(is_signed_by(parts, test::new_ec_key()));
    ASSERT_EQ(decoded(parts.header["jwk"]["x"].get<std::string>()).size(), 32U);
    ASSERT_EQ(decoded(parts.header["jwk"]["y"].get<std::string>()).size(), 32U);
  }
}

TEST(DpopProof, SaysWhatItIsFor)
{
  const auto proof = dpop_proof(Secret(test::pem_of(test::new_ec_key())), k_url, k_now, "fake-id");
  ASSERT_TRUE(proof);
  const Parts parts(*proof);
  EXPECT_EQ(parts.header["typ"], "dpop+jwt");
  EXPECT_EQ(parts.header["alg"], "ES256");
  EXPECT_EQ(parts.header["jwk"]["kty"], "EC");
  EXPECT_EQ(parts.header["jwk"]["crv"], "P-256");
  EXPECT_EQ(parts.header["jwk"].size(), 4U) << "the private number stays here";
  EXPECT_EQ(parts.claims, (nlohmann::json{{"htm", "POST"},
                                          {"htu", std::string(k_url)},
                                          {"iat", 1'800'000'000},
                                          {"jti", "fake-id"}}));
}

TEST(DpopProof, WantsAKeyOfP256)
{
  const auto good = test::pem_of(test::new_ec_key());
  for (const auto& pem :
       {std::string(), std::string("fake-key"), good.substr(0, good.size() / 2),
        test::pem_of(test::new_ec_key("P-384")), test::pem_of(test::new_ec_key("secp256k1")),
        test::pem_of(test::new_ec_key(), "password")}) {
    const auto proof = dpop_proof(Secret(pem), k_url, k_now, "id");
    ASSERT_FALSE(proof);
    EXPECT_EQ(proof.error().code, Errc::misconfigured);
    EXPECT_THAT(proof.error().what, testing::HasSubstr("dpopKey"));
  }
}

} // namespace
} // namespace purser::aws
