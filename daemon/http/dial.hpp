#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"
#include "daemon/http/resolver.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>

namespace purser {

// Connects to whichever of `addresses` answers first. The next one is tried when one
// fails or has not answered for a quarter of a second, and the families take turns, so
// that a dead IPv6 route costs little (RFC 8305). Errc::transient with the reason of the
// first failure where none answers. Has no limit of its own.
//
// Never connects to an address that `may_connect` refuses; Errc::unsafe where it refuses all.
// An empty filter refuses none.
[[nodiscard]] boost::asio::awaitable<Result<boost::asio::ip::tcp::socket>>
dial(boost::asio::any_io_executor ex,
     Clock& clock,
     Addresses addresses,
     std::uint16_t port,
     AddressFilter may_connect = {});

} // namespace purser
