#pragma once

#include "common/result.hpp"
#include "daemon/http/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <string>

namespace purser {

struct Token;

// Asks `registry` (`host[:port]`) with Basic authentication whether it takes the token
// (`GET /v2/`, OCI distribution specification 1.1, "end-1"). transient where it says no (401,
// 403). Whoever cannot be asked, or answers anything else, says nothing against it.
[[nodiscard]] boost::asio::awaitable<Result<>>
probe_registry(HttpClient& http, std::string registry, Egress egress, const Token& token);

} // namespace purser
