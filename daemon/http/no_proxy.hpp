#pragma once

#include "daemon/http/url.hpp"

#include <string_view>

namespace purser {

// Whether the list in a NO_PROXY variable names the host of `url`: `*` for all;
// `example.com` for it and what is below it; `.example.com` and `*.example.com` for
// what is below; each also with `:port`; addresses and `address/bits`. Entries are
// separated by commas or spaces; one that makes no sense matches nothing.
//
// Source: golang.org/x/net/http/httpproxy, as most registry clients use it.
[[nodiscard]] bool no_proxy_matches(std::string_view list, const Url& url);

// Hosts that a proxy cannot reach or must never see: loopback, link-local and the
// metadata services of the clouds, which hand out credentials.
[[nodiscard]] bool is_proxy_exempt(const Url& url);

} // namespace purser
