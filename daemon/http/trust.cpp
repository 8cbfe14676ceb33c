#include "daemon/http/trust.hpp"

#include "daemon/http/ca_files.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <unistd.h>

#include <array>
#include <map>
#include <mutex>
#include <string_view>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

// 112 bits, as Debian and Go have it: no SHA-1, no RSA below 2048.
constexpr int k_security_level = 2;
constexpr std::size_t k_max_bundles = 4;

// Where there is no hashed folder: Alpine and Debian, Fedora, openSUSE, others.
constexpr std::array<const char*, 4> k_system_bundles{
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"};

struct FreeStoreContext {
  void operator()(X509_STORE_CTX* context) const noexcept { X509_STORE_CTX_free(context); }
};

// Whether another authority would mend it.
bool is_about_authorities(int reason)
{
  switch (reason) {
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
  case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
  case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
  case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
  case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return true;
  default: return false;
  }
}

Error refusal(int reason)
{
  std::string what = X509_verify_cert_error_string(reason);
  if (is_about_authorities(reason)) {
    what += "; if its certificate authority is to be trusted, set AWS_CA_BUNDLE or SSL_CERT_FILE";
  }
  return Error{Errc::unsafe, std::move(what)};
}

bool expect_host(X509_VERIFY_PARAM& parameters, const std::string& host)
{
  // Names in the subject's common name went out of use with RFC 6125.
  X509_VERIFY_PARAM_set_hostflags(&parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS |
                                                   X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_ip_asc(&parameters, host.c_str()) == 1) return true;
  return X509_VERIFY_PARAM_set1_host(&parameters, host.data(), host.size()) == 1;
}

Result<> verify_chain(X509_STORE& store, STACK_OF(X509) & chain, const std::string& host)
{
  const std::unique_ptr<X509_STORE_CTX, FreeStoreContext> context(X509_STORE_CTX_new());
  if (!context || sk_X509_num(&chain) == 0 ||
      X509_STORE_CTX_init(context.get(), &store, sk_X509_value(&chain, 0), &chain) != 1 ||
      X509_STORE_CTX_set_default(context.get(), "ssl_server") != 1) {
    return Error{Errc::internal, "cannot verify certificates"};
  }
  auto* const parameters = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_auth_level(parameters, k_security_level);
  // A named certificate is trusted whether or not its issuer is known, as Go does it.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  if (!expect_host(*parameters, host)) return Error{Errc::internal, "cannot verify the host name"};

  const bool valid = X509_verify_cert(context.get()) == 1;
  const int reason = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  if (!valid) return refusal(reason);
  return {};
}

Result<StorePtr> load(const Authorities& authorities)
{
  StorePtr store(X509_STORE_new());
  if (!store) return Error{Errc::internal, "cannot hold certificates"};
  if (!authorities.file.empty()) {
    if (auto added = add_file(*store, authorities.file); !added) return added.error();
  }
  for (std::string_view rest = authorities.folder; !rest.empty();) {
    const auto end = std::min(rest.find(':'), rest.size());
    const std::string folder(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (folder.empty()) continue;
    if (auto added = add_folder(*store, folder); !added) return added.error();
  }
  return store;
}

} // namespace

void FreeChain::operator()(STACK_OF(X509) * chain) const noexcept
{
  sk_X509_pop_free(chain, X509_free);
}

Authorities Authorities::of_system()
{
  const std::string folder = X509_get_default_cert_dir();
  if (has_hashed_names(folder)) return Authorities("", folder);
  for (const auto* bundle : k_system_bundles) {
    if (::access(bundle, R_OK) == 0) return Authorities(bundle, "");
  }
  return {};
}

// Bundles as they were parsed last, since a large one takes 20 ms. Folders are read
// anew each time: only what a server needs is looked up in them.
class TrustStore::Bundles {
public:
  Result<> verify(STACK_OF(X509) & chain, const std::string& host, Authorities wanted)
  {
    if (wanted.file.empty() && wanted.folder.empty()) wanted = Authorities::of_system();
    if (wanted.file.empty() && wanted.folder.empty()) {
      return Error{Errc::misconfigured,
                   "this machine has no certificate authorities: install ca-certificates or set "
                   "SSL_CERT_FILE"};
    }
    if (!wanted.folder.empty()) {
      const auto store = load(wanted);
      return store ? verify_chain(**store, chain, host) : store.error();
    }
    const auto store = bundle(wanted);
    return store ? verify_chain(**store, chain, host) : store.error();
  }

private:
  struct Bundle {
    CaFileStamp stamp;
    std::shared_ptr<X509_STORE> store;
  };

  Result<std::shared_ptr<X509_STORE>> bundle(const Authorities& wanted)
  {
    const auto stamp = ca_file_stamp(wanted.file);
    if (!stamp) return stamp.error();
    {
      const std::lock_guard lock(mutex_);
      const auto known = bundles_.find(wanted.file);
      if (known != bundles_.end() && known->second.stamp == *stamp) return known->second.store;
    }
    auto loaded = load(wanted);
    if (!loaded) return loaded.error();
    std::shared_ptr<X509_STORE> store = std::move(*loaded);
    const std::lock_guard lock(mutex_);
    if (bundles_.size() >= k_max_bundles) bundles_.clear();
    bundles_[wanted.file] = Bundle{*stamp, store};
    return store;
  }

  std::mutex mutex_; // several threads of the pool verify
  std::map<std::string, Bundle> bundles_;
};

TrustStore::TrustStore(WorkerPool& files) : files_(files), bundles_(std::make_shared<Bundles>()) {}

TrustStore::~TrustStore() = default;

asio::awaitable<Result<>>
TrustStore::verify(PeerChain chain, std::string host, Authorities authorities)
{
  auto job = [bundles = bundles_, chain = std::move(chain), host = std::move(host),
              authorities = std::move(authorities)]() -> Result<> {
    return bundles->verify(*chain, host, authorities);
  };
  co_return co_await files_.run<void>(std::move(job));
}

} // namespace purser
