#pragma once

#include "common/result.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/http/trust.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <memory>
#include <string>

namespace purser {

using TlsStream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

// OpenSSL must not obey a file that OPENSSL_CONF names: it could load code or weaken
// TLS. Has an effect only before anything else uses OpenSSL, so main calls it first.
void ignore_openssl_configuration();

// Makes TLS connections: 1.2 or newer, always verified.
class TlsConnector {
public:
  // The pool reads certificates; it must outlive us.
  explicit TlsConnector(WorkerPool& files);

  // Shakes hands over a connected `socket`. `host` is the name or address that the
  // certificate must be for. Errors say what failed, without the name of the host:
  //   unsafe         the certificate or the version of the protocol
  //   misconfigured  the authorities cannot be read
  //   transient      the connection broke
  // Has no limit of its own.
  [[nodiscard]] boost::asio::awaitable<Result<std::unique_ptr<TlsStream>>>
  connect(boost::asio::ip::tcp::socket socket, std::string host, Authorities authorities);

private:
  [[nodiscard]] boost::asio::awaitable<Result<std::shared_ptr<boost::asio::ssl::context>>>
  settings();

  WorkerPool& files_;
  TrustStore trust_;
  std::shared_ptr<boost::asio::ssl::context> settings_; // made when first needed
};

} // namespace purser
