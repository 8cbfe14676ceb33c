#include "daemon/http/tls.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <array>
#include <utility>

namespace purser {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr int k_security_level = 2; // 112 bits
// ALPN (RFC 7301): the length, then the name.
constexpr std::array<unsigned char, 9> k_http_1_1{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

// Verification in two steps, so that the event loop reads no certificates: OpenSSL asks,
// we take the chain and let the handshake pause; when the verdict is there, the handshake
// is resumed and OpenSSL asks again. See SSL_set_retry_verify(3).
struct Verification {
  PeerChain chain;
  bool passed = false;
};

int slot_of_verification()
{
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

int on_certificate(X509_STORE_CTX* asked, void* /*unused*/)
{
  constexpr int k_accepted = 1;
  constexpr int k_refused = 0;
  auto* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(asked, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* const verification =
      static_cast<Verification*>(SSL_get_ex_data(ssl, slot_of_verification()));
  if (verification == nullptr) return k_refused;
  if (verification->passed) return k_accepted;
  verification->chain.reset(X509_chain_up_ref(X509_STORE_CTX_get0_untrusted(asked)));
  if (!verification->chain) return k_refused;
  // 1 means a pause and not consent; connect() checks for consent in any case.
  return SSL_set_retry_verify(ssl);
}

Result<std::shared_ptr<asio::ssl::context>> make_settings()
{
  auto settings = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_client);
  auto* const native = settings->native_handle();
  SSL_CTX_set_security_level(native, k_security_level);
  SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                  SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(native, on_certificate, nullptr);
  if (SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(native, k_http_1_1.data(), k_http_1_1.size()) != 0) {
    return Error{Errc::internal, "cannot set up TLS"};
  }
  return settings;
}

Error handshake_failure(const boost::system::error_code& failed)
{
  if (failed.category() != asio::error::get_ssl_category()) {
    return Error{Errc::transient, "the TLS handshake broke off: " + failed.message()};
  }
  const auto code = static_cast<unsigned long>(failed.value());
  switch (ERR_GET_REASON(code)) {
  case SSL_R_WRONG_VERSION_NUMBER: return Error{Errc::protocol_error, "it does not speak TLS"};
  case SSL_R_UNSUPPORTED_PROTOCOL: // it chose one of those
  case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
    return Error{Errc::unsafe, "it speaks TLS 1.1 or older only, which purser refuses"};
  default: break;
  }
  const char* const reason = ERR_reason_error_string(code);
  return Error{Errc::unsafe,
               std::string("the TLS handshake failed: ") + (reason ? reason : "unknown reason")};
}

// A certificate that nobody had time to look at. Whoever takes a transient failure for a server
// that is not there may try something else, and here is a server.
Error not_verified(Error failure)
{
  if (failure.code == Errc::transient) failure.code = Errc::timeout;
  return failure;
}

// What is said to the server before the handshake.
Result<> prepare(SSL& ssl, const std::string& host, Verification& verification)
{
  boost::system::error_code is_name;
  asio::ip::make_address(host, is_name);
  if ((is_name && SSL_set_tlsext_host_name(&ssl, host.c_str()) != 1) ||
      SSL_set_ex_data(&ssl, slot_of_verification(), &verification) != 1) {
    return Error{Errc::internal, "cannot set up TLS"};
  }
  return {};
}

} // namespace

void ignore_openssl_configuration()
{
  OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
}

TlsConnector::TlsConnector(WorkerPool& files) : files_(files), trust_(files)
{
  ignore_openssl_configuration();
}

asio::awaitable<Result<std::shared_ptr<asio::ssl::context>>> TlsConnector::settings()
{
  if (settings_) co_return settings_;
  auto job = [] { return make_settings(); }; // loads algorithms: milliseconds
  auto made = co_await files_.run<std::shared_ptr<asio::ssl::context>>(std::move(job));
  if (made) settings_ = *made;
  co_return made;
}

asio::awaitable<Result<std::unique_ptr<TlsStream>>>
TlsConnector::connect(tcp::socket socket, std::string host, Authorities authorities)
{
  const auto ours = co_await settings();
  if (!ours) co_return ours.error();
  Verification verification; // outlives the stream on every way out but the last
  auto stream = std::make_unique<TlsStream>(std::move(socket), **ours);
  auto& ssl = *stream->native_handle();
  if (auto prepared = prepare(ssl, host, verification); !prepared) co_return prepared.error();

  for (;;) {
    const auto [failed] = co_await stream->async_handshake(asio::ssl::stream_base::client,
                                                           asio::as_tuple(asio::use_awaitable));
    if (!failed) break;
    if (verification.passed || !verification.chain) co_return handshake_failure(failed);
    auto verdict = co_await trust_.verify(std::move(verification.chain), host, authorities);
    if (!verdict) co_return not_verified(verdict.error());
    verification.passed = true;
  }
  SSL_set_ex_data(&ssl, slot_of_verification(), nullptr);
  if (!verification.passed) co_return Error{Errc::unsafe, "it showed no certificate"};
  co_return std::move(stream);
}

} // namespace purser
