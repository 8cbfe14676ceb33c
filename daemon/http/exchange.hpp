#pragma once

#include "common/result.hpp"
#include "common/wiping.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/http/proxy.hpp"
#include "daemon/http/tls.hpp"
#include "daemon/http/url.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>

namespace purser {

// Whether the method and the headers can be sent as they are: no character in them
// may end a line. Errc::misconfigured; values are not quoted.
[[nodiscard]] Result<> check_request(const HttpRequest& request);

// Sends `request` over a connection that is ready and reads the response. `plain_proxy`
// is the proxy at the other end, where it is one that reads the request itself. Errors
// say what failed, without the name of the host.
[[nodiscard]] boost::asio::awaitable<Result<HttpResponse>>
exchange(boost::asio::ip::tcp::socket& connection,
         const HttpRequest& request,
         const Url& url,
         const Proxy* plain_proxy);
[[nodiscard]] boost::asio::awaitable<Result<HttpResponse>>
exchange(TlsStream& connection, const HttpRequest& request, const Url& url);

// Asks the proxy at the other end to connect us to the host of `url`. Errors name the
// proxy and what it answered.
[[nodiscard]] boost::asio::awaitable<Result<>>
open_tunnel(boost::asio::ip::tcp::socket& connection, const Url& url, const Proxy& proxy);

} // namespace purser
