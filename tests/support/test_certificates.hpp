#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

// Certificates made on the spot: nothing in the repository looks like a key.
namespace purser::test {

struct FreeOpenssl {
  void operator()(EVP_PKEY* p) const { EVP_PKEY_free(p); }
  void operator()(X509* p) const { X509_free(p); }
  void operator()(X509_EXTENSION* p) const { X509_EXTENSION_free(p); }
  void operator()(BIO* p) const { BIO_free(p); }
};
template <class T>
using Owned = std::unique_ptr<T, FreeOpenssl>;

// A certificate and its key.
struct Certified {
  Owned<EVP_PKEY> key;
  Owned<X509> certificate;

  [[nodiscard]] std::string certificate_pem() const
  {
    const Owned<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    return text_of(*bio);
  }
  [[nodiscard]] std::string key_pem() const
  {
    const Owned<BIO> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(*bio);
  }
  // The name that this certificate has in a hashed folder.
  [[nodiscard]] std::string hashed_name() const
  {
    char name[16];
    std::snprintf(name, sizeof name, "%08lx.0", X509_subject_name_hash(certificate.get()));
    return name;
  }

private:
  static std::string text_of(BIO& bio)
  {
    char* text = nullptr;
    const auto size = BIO_get_mem_data(&bio, &text);
    return {text, static_cast<std::size_t>(size)};
  }
};

struct CertificateOrder {
  std::string common_name = "registry.test";
  std::string alternative_names = "DNS:registry.test"; // empty: none
  long valid_from_seconds = -3600;                     // from now
  long valid_to_seconds = 3600;
  bool authority = false;
};

// Signed by `issuer`, or by itself where there is none.
inline Certified make_certificate(const CertificateOrder& order, const Certified* issuer = nullptr)
{
  static std::int64_t serial = 1;
  Certified made{Owned<EVP_PKEY>(EVP_EC_gen("P-256")), Owned<X509>(X509_new())};
  auto* const certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), order.valid_from_seconds);
  X509_gmtime_adj(X509_getm_notAfter(certificate), order.valid_to_seconds);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(order.common_name.c_str()), -1,
                             -1, 0);
  const auto& signer = issuer ? *issuer : made;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  X509_set_pubkey(certificate, made.key.get());

  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, signer.certificate.get(), certificate, nullptr, nullptr, 0);
  const auto extend = [certificate, &context](int kind, const std::string& value) {
    const Owned<X509_EXTENSION> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
    if (!extension) throw std::runtime_error("bad extension: " + value);
    X509_add_ext(certificate, extension.get(), -1);
  };
  extend(NID_basic_constraints, order.authority ? "critical,CA:TRUE" : "CA:FALSE");
  if (!order.alternative_names.empty()) extend(NID_subject_alt_name, order.alternative_names);
  if (X509_sign(certificate, signer.key.get(), EVP_sha256()) == 0) {
    throw std::runtime_error("cannot sign");
  }
  return made;
}

// A folder that goes with the test.
class TemporaryFolder {
public:
  TemporaryFolder()
  {
    auto name = (std::filesystem::temp_directory_path() / "purser-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = name;
  }
  ~TemporaryFolder()
  {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_.string(); }
  // Returns the path of the file.
  std::string write(const std::string& name, const std::string& text) const
  {
    auto path = (path_ / name).string();
    std::ofstream(path, std::ios::binary) << text;
    return path;
  }

private:
  std::filesystem::path path_;
};

} // namespace purser::test
