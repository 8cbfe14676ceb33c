#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// The way out to the network, as the asking client's environment had it.
struct Egress {
  std::string https_proxy; // URL, may contain a password: never logged, never in an error
  std::string http_proxy;
  std::string no_proxy;
  std::string ca_file; // PEM bundle; empty: the system's
  std::string ca_dir;  // hashed directory; empty: the system's
};

struct HttpHeader {
  std::string name;
  std::string value;
};

// Whether an address may be connected to.
using AddressFilter = std::function<bool(const boost::asio::ip::address&)>;

// One exchange with a server.
struct HttpRequest {
  HttpRequest(std::string m, std::string u) : method(std::move(m)), url(std::move(u)) {}

  std::string method;
  std::string url;                 // http or https, absolute
  std::vector<HttpHeader> headers; // `Host` and `Content-Length` are added
  std::string body;
  Egress egress;
  Duration limit = std::chrono::seconds(10);        // for everything, name resolution included
  Duration connect_limit = std::chrono::seconds(4); // for one attempt to connect, TLS included
  std::size_t max_body = std::size_t{256} << 10;
  // Asked about the very addresses that are connected to, so that a name cannot lead elsewhere
  // after it was looked at. Empty: all. Of no use through a proxy, which looks names up itself.
  AddressFilter may_connect;
};

struct HttpResponse {
  HttpResponse(unsigned s, std::vector<HttpHeader> h, Secret b)
    : status(s), headers(std::move(h)), body(std::move(b))
  {
  }

  unsigned status;
  std::vector<HttpHeader> headers;
  Secret body; // may hold a token
  // Whom we talked to; nothing where a proxy did.
  std::optional<boost::asio::ip::address> peer;

  // Case-insensitive; the first of several.
  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

// Sends requests. Whatever the server answers with (also 4xx and 5xx) is a
// response; an Error means that there was none:
//   transient       name resolution, connection, reset; names the host and the cause
//   timeout         `limit` or `connect_limit` passed
//   unsafe          the certificate, the protocol version, a body over `max_body`, a name
//                   that has no address but those that `may_connect` refuses
//   misconfigured   URL, proxy URL or CA file unusable
//   protocol_error  not HTTP; for https, not TLS
// Redirects are never followed: a 3xx is a response like any other. TLS is always
// verified, against the name in the URL. Loopback and link-local addresses never
// go through a proxy.
class HttpClient {
public:
  virtual ~HttpClient() = default;
  [[nodiscard]] virtual boost::asio::awaitable<Result<HttpResponse>> send(HttpRequest request) = 0;
};

} // namespace purser
