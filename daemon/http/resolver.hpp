#pragma once

#include "common/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <functional>
#include <string>
#include <vector>

namespace purser {

using Addresses = std::vector<boost::asio::ip::address>;

// Looks a host name up; blocks, so it belongs on a WorkerPool. Never an empty list:
// a failure is Errc::transient and says why, without the name.
using Resolver = std::function<Result<Addresses>(const std::string& host)>;

// getaddrinfo: the order of the addresses is the machine's preference.
[[nodiscard]] Result<Addresses> resolve_by_system(const std::string& host);

} // namespace purser
