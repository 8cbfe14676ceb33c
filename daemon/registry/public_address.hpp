#pragma once

#include <boost/asio/ip/address.hpp>

namespace purser {

// Whether an address is one of the internet at large: not of this machine, a private network, a
// link (with the metadata services of clouds), multicast, or set aside for anything else (IANA's
// special-purpose address registries). An IPv4 address inside an IPv6 one counts as itself.
[[nodiscard]] bool is_public_address(const boost::asio::ip::address& address);

} // namespace purser
