#include "daemon/http/no_proxy.hpp"

#include "common/ascii.hpp"

#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <string>

namespace purser {
namespace asio = boost::asio;

namespace {

// Not link-local, but of the same kind: Amazon's metadata and pod identity services
// over IPv6 (docs.aws.amazon.com, "Instance metadata", "EKS Pod Identity").
constexpr std::array<std::string_view, 2> k_metadata_addresses{"fd00:ec2::254", "fd00:ec2::23"};
constexpr std::array<std::string_view, 3> k_local_names{"localhost", "metadata.google.internal",
                                                        "metadata"};

asio::ip::address unmapped(const asio::ip::address& address)
{
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

std::optional<asio::ip::address> parse_address(std::string_view text)
{
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  boost::system::error_code bad;
  const auto address = asio::ip::make_address(std::string(text), bad);
  if (bad) return std::nullopt;
  return unmapped(address);
}

bool block_contains(std::string_view block, const asio::ip::address& address)
{
  boost::system::error_code bad;
  if (address.is_v4()) {
    const auto network = asio::ip::make_network_v4(std::string(block), bad);
    if (bad) return false;
    const auto one = asio::ip::network_v4(address.to_v4(), network.prefix_length());
    return one.network() == network.network();
  }
  const auto network = asio::ip::make_network_v6(std::string(block), bad);
  if (bad) return false;
  const auto one = asio::ip::network_v6(address.to_v6(), network.prefix_length());
  return one.network() == network.network();
}

bool name_matches(std::string_view pattern, std::string_view host)
{
  if (pattern.starts_with("*.")) pattern.remove_prefix(1);
  if (pattern.starts_with('.')) return host.size() > pattern.size() && host.ends_with(pattern);
  return host == pattern || (host.size() > pattern.size() && host.ends_with(pattern) &&
                             host[host.size() - pattern.size() - 1] == '.');
}

// A last `:port`, which the colons of a bare IPv6 address are not.
std::optional<std::uint16_t> take_port(std::string_view& entry)
{
  const auto colon = entry.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto parsed = parse_host_and_port("h" + std::string(entry.substr(colon)));
  const auto host = entry.substr(0, colon);
  const bool bracketed = host.starts_with('[') && host.ends_with(']');
  if (!parsed || (!bracketed && host.find(':') != std::string_view::npos)) return std::nullopt;
  entry = host;
  return parsed->port;
}

bool entry_matches(std::string_view entry, const Url& url)
{
  if (entry == "*") return true;
  const auto address = url.address();
  if (entry.find('/') != std::string_view::npos) {
    return address && block_contains(entry, unmapped(*address));
  }
  const auto port = take_port(entry);
  if (entry.empty() || (port && *port != url.port)) return false;
  if (const auto named = parse_address(entry)) return address && unmapped(*address) == *named;
  return !address && name_matches(entry, url.host);
}

} // namespace

bool no_proxy_matches(std::string_view list, const Url& url)
{
  std::string text(list);
  std::transform(text.begin(), text.end(), text.begin(), ascii_lower);
  for (std::string_view rest = text; !rest.empty();) {
    const auto end = std::min(rest.find_first_of(", \t"), rest.size());
    if (end > 0 && entry_matches(rest.substr(0, end), url)) return true;
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return false;
}

bool is_proxy_exempt(const Url& url)
{
  const auto literal = url.address();
  if (!literal) {
    return std::find(k_local_names.begin(), k_local_names.end(), url.host) != k_local_names.end() ||
           url.host.ends_with(".localhost");
  }
  const auto address = unmapped(*literal);
  if (address.is_loopback() || address.is_unspecified()) return true;
  if (address.is_v4()) return block_contains("169.254.0.0/16", address);
  return address.to_v6().is_link_local() ||
         std::any_of(k_metadata_addresses.begin(), k_metadata_addresses.end(),
                     [&address](std::string_view m) { return parse_address(m) == address; });
}

} // namespace purser
