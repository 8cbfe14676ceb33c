#include "daemon/http/proxy.hpp"

#include "common/wiping.hpp"
#include "daemon/http/no_proxy.hpp"

#include <openssl/evp.h>

#include <charconv>
#include <string_view>
#include <utility>

namespace purser {

namespace {

constexpr std::size_t k_max_proxy_url = std::size_t{4} << 10;

Error unusable(std::string_view variable, std::string_view why)
{
  return Error{Errc::misconfigured,
               "the proxy in " + std::string(variable) + " cannot be used: " + std::string(why)};
}

// False where a percent sign is not followed by two hexadecimal digits.
bool percent_decode(std::string_view text, WipingBuffer& decoded)
{
  while (!text.empty()) {
    if (text.front() != '%') {
      decoded.push_back(text.front());
      text.remove_prefix(1);
      continue;
    }
    if (text.size() < 3) return false;
    unsigned char byte = 0;
    const auto [stopped, bad] = std::from_chars(text.data() + 1, text.data() + 3, byte, 16);
    if (bad != std::errc() || stopped != text.data() + 3) return false;
    decoded.push_back(static_cast<char>(byte));
    text.remove_prefix(3);
  }
  return true;
}

Secret basic_authorization(const WipingBuffer& user_and_password)
{
  constexpr std::string_view k_scheme = "Basic ";
  const auto size = user_and_password.size();
  WipingBuffer value(k_scheme.begin(), k_scheme.end());
  value.resize(k_scheme.size() + 4 * ((size + 2) / 3) + 1);
  const auto written = EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(value.data() + k_scheme.size()),
      reinterpret_cast<const unsigned char*>(user_and_password.data()), static_cast<int>(size));
  return Secret(
      std::string_view(value.data(), k_scheme.size() + static_cast<std::size_t>(written)));
}

// `user[:password]` as it stands in the URL.
std::optional<Secret> parse_userinfo(std::string_view userinfo)
{
  WipingBuffer decoded;
  const auto colon = userinfo.find(':');
  if (!percent_decode(userinfo.substr(0, colon), decoded)) return std::nullopt;
  decoded.push_back(':');
  if (colon != std::string_view::npos && !percent_decode(userinfo.substr(colon + 1), decoded)) {
    return std::nullopt;
  }
  return basic_authorization(decoded);
}

Result<Proxy> parse_proxy(std::string_view variable, std::string_view text)
{
  if (text.size() > k_max_proxy_url) return unusable(variable, "it is too long");
  if (const auto scheme_end = text.find("://"); scheme_end != std::string_view::npos) {
    const auto scheme = text.substr(0, scheme_end);
    if (scheme != "http" && scheme != "HTTP") {
      return unusable(variable, "only proxies that begin with http:// are supported");
    }
    text.remove_prefix(scheme_end + 3);
  }
  Proxy proxy;
  auto authority = text.substr(0, text.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != std::string_view::npos) {
    auto authorization = parse_userinfo(authority.substr(0, at));
    if (!authorization) return unusable(variable, "its user name or password is not well escaped");
    proxy.authorization = std::move(*authorization);
    authority.remove_prefix(at + 1);
  }
  auto parsed = parse_host_and_port(authority);
  if (!parsed) return unusable(variable, "its host or port is not valid");
  proxy.host = std::move(parsed->host);
  if (parsed->port != 0) proxy.port = parsed->port;
  return proxy;
}

} // namespace

std::string Proxy::name() const
{
  const auto bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return "proxy " + bracketed + ":" + std::to_string(port);
}

Result<std::optional<Proxy>> choose_proxy(const Egress& egress, const Url& url)
{
  const auto& wanted = url.tls ? egress.https_proxy : egress.http_proxy;
  const auto* const variable = url.tls ? "HTTPS_PROXY" : "HTTP_PROXY";
  if (wanted.empty() || is_proxy_exempt(url) || no_proxy_matches(egress.no_proxy, url)) {
    return std::optional<Proxy>();
  }
  auto proxy = parse_proxy(variable, wanted);
  if (!proxy) return proxy.error();
  return std::optional<Proxy>(std::move(*proxy));
}

} // namespace purser
