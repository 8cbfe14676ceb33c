#pragma once

#include "common/result.hpp"

#include <boost/asio/ip/address.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace purser {

// An absolute http or https URL, taken apart.
struct Url {
  bool tls = true;
  std::string host; // lower case; an IPv6 address without its brackets
  std::uint16_t port = 443;
  std::string target; // begins with a slash; path and query as they were

  // The host where it is an IP address and not a name.
  [[nodiscard]] std::optional<boost::asio::ip::address> address() const;

  // Whether the host is a loopback address or `localhost`.
  [[nodiscard]] bool is_loopback() const;

  // `host:port`, an IPv6 address in brackets: for CONNECT and for people.
  [[nodiscard]] std::string authority() const;

  // As the Host header has it: without the port where it is the scheme's own.
  [[nodiscard]] std::string host_header() const;
};

// Strict, since it decides whom we talk to: Errc::misconfigured for another scheme,
// user information, a fragment, spaces, control characters and bytes outside ASCII,
// backslashes, an empty or escaped host, a port that is not 1 to 65535, and numeric
// hosts other than four decimal parts (`127.1`, `0x7f000001`). The error does not
// quote the URL, which may hold a token.
[[nodiscard]] Result<Url> parse_url(std::string_view text);

// With all but the unreserved characters of RFC 3986 (section 2.3) as `%XX`: for a path, a
// query or a form.
[[nodiscard]] std::string percent_encoded(std::string_view text);

// The parts of `host[:port]`; nothing where it is none. Port 0: none was given.
struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};
[[nodiscard]] std::optional<HostAndPort> parse_host_and_port(std::string_view text);

} // namespace purser
