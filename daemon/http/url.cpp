#include "daemon/http/url.hpp"

#include "common/ascii.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace purser {
namespace asio = boost::asio;

namespace {

// Longer than any URL that a cloud asks for; signed queries with a session token
// take a few thousand.
constexpr std::size_t k_max_url = std::size_t{16} << 10;
constexpr std::size_t k_max_name = 253; // RFC 1035, without the last dot
constexpr std::size_t k_max_label = 63;

bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

bool is_name_character(char c)
{
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

std::string lower(std::string_view text)
{
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), ascii_lower);
  return result;
}

// Printable ASCII; a backslash is a slash to some parsers.
bool is_clean(std::string_view text)
{
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
}

bool is_label(std::string_view label)
{
  return !label.empty() && label.size() <= k_max_label &&
         std::all_of(label.begin(), label.end(), is_name_character);
}

// getaddrinfo takes `127.1`, `0x7f.1` and `2130706433` for addresses. A name whose
// last label is a number is either in the one usual form or refused.
bool ends_in_a_number(std::string_view name)
{
  const auto last = name.substr(name.rfind('.') + 1);
  return std::all_of(last.begin(), last.end(), is_digit) || last.starts_with("0x");
}

bool is_host_name(std::string_view name)
{
  if (name.empty() || name.size() > k_max_name) return false;
  for (auto rest = name;;) {
    const auto dot = rest.find('.');
    if (!is_label(rest.substr(0, dot))) return false;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (!ends_in_a_number(name)) return true;
  boost::system::error_code bad;
  asio::ip::make_address_v4(std::string(name), bad);
  return !bad;
}

std::optional<std::uint16_t> parse_port(std::string_view digits)
{
  unsigned port = 0;
  const auto* const end = digits.data() + digits.size();
  const auto [stopped, bad] = std::from_chars(digits.data(), end, port);
  if (bad != std::errc() || stopped != end || port == 0 || port > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(port);
}

std::optional<HostAndPort> parse_bracketed(std::string_view text)
{
  const auto close = text.find(']');
  if (close == std::string_view::npos) return std::nullopt;
  boost::system::error_code bad;
  const auto address = asio::ip::make_address_v6(std::string(text.substr(1, close - 1)), bad);
  if (bad || address.scope_id() != 0) return std::nullopt;
  HostAndPort parsed{address.to_string(), 0};
  const auto rest = text.substr(close + 1);
  if (rest.empty()) return parsed;
  const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  if (!port) return std::nullopt;
  parsed.port = *port;
  return parsed;
}

Error unusable(std::string_view why)
{
  return Error{Errc::misconfigured, "cannot use a URL: " + std::string(why)};
}

} // namespace

std::optional<HostAndPort> parse_host_and_port(std::string_view text)
{
  if (text.starts_with('[')) return parse_bracketed(text);
  const auto colon = text.find(':');
  HostAndPort parsed{lower(text.substr(0, colon)), 0};
  if (!is_host_name(parsed.host)) return std::nullopt;
  if (colon == std::string_view::npos) return parsed;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  parsed.port = *port;
  return parsed;
}

Result<Url> parse_url(std::string_view text)
{
  if (text.size() > k_max_url) return unusable("it is too long");
  if (!is_clean(text)) return unusable("it has a character that is not allowed");
  const auto colon = text.find("://");
  const auto scheme = lower(text.substr(0, colon));
  if (colon == std::string_view::npos || (scheme != "http" && scheme != "https")) {
    return unusable("it does not begin with https:// or http://");
  }
  text.remove_prefix(colon + 3);
  if (text.find('#') != std::string_view::npos) return unusable("it has a fragment");

  const auto authority = text.substr(0, text.find_first_of("/?"));
  if (authority.find('@') != std::string_view::npos) return unusable("it has a user name in it");
  auto host = parse_host_and_port(authority);
  if (!host) return unusable("its host or port is not valid");

  Url url;
  url.tls = scheme == "https";
  url.host = std::move(host->host);
  url.port = host->port;
  if (url.port == 0) url.port = url.tls ? 443 : 80;
  const auto target = text.substr(authority.size());
  url.target = target.starts_with('/') ? target : "/" + std::string(target);
  return url;
}

std::optional<asio::ip::address> Url::address() const
{
  boost::system::error_code is_name;
  const auto parsed = asio::ip::make_address(host, is_name);
  if (is_name) return std::nullopt;
  return parsed;
}

bool Url::is_loopback() const
{
  const auto literal = address();
  return literal ? literal->is_loopback() : host == "localhost";
}

std::string Url::authority() const
{
  const auto bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return bracketed + ":" + std::to_string(port);
}

std::string Url::host_header() const
{
  auto text = authority();
  if (port == (tls ? 443 : 80)) text.resize(text.rfind(':'));
  return text;
}

std::string percent_encoded(std::string_view text)
{
  constexpr std::string_view k_unreserved =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view k_digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    if (k_unreserved.find(c) != std::string_view::npos) {
      result += c;
      continue;
    }
    result += '%';
    result += k_digits[static_cast<unsigned char>(c) >> 4U];
    result += k_digits[static_cast<unsigned char>(c) & 15U];
  }
  return result;
}

} // namespace purser
