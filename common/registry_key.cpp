#include "common/registry_key.hpp"

#include "common/ascii.hpp"
#include "common/slice.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdint>

namespace purser {
namespace {

constexpr std::size_t k_none = std::string_view::npos;
constexpr std::size_t k_max_host = 253; // RFC 1035
constexpr std::size_t k_max_label = 63;
constexpr unsigned k_default_port = 443;
constexpr std::string_view k_hub = "docker.io";
constexpr std::array<std::string_view, 3> k_hub_hosts{k_hub, "index.docker.io",
                                                      "registry-1.docker.io"};
constexpr std::array<std::string_view, 2> k_opaque{"https://index.docker.io/v1/access-token",
                                                   "https://index.docker.io/v1/refresh-token"};

// What a client sent, in parts.
struct Parts {
  bool has_scheme = false;
  bool plain = false; // http
  std::string_view host;
  std::string_view port; // with the colon
  std::string_view path; // with the slash
};

constexpr bool is_digit(char c)
{
  return c >= '0' && c <= '9';
}

constexpr bool is_alnum(char c)
{
  return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

std::string_view trim(std::string_view text)
{
  constexpr std::string_view k_blanks = " \t\r\n";
  const std::size_t first = text.find_first_not_of(k_blanks);
  if (first == k_none) return {};
  return tail(head(text, text.find_last_not_of(k_blanks) + 1), first);
}

// The bytes of RFC 3986 for authorities and paths, less `%` (nothing is escaped in a
// registry's name), `@` (no user information) and `*` (a pattern's wildcard).
bool is_plain(std::string_view text)
{
  static constexpr std::string_view k_marks = "-._~!$&'()+,;=:/[]";
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return is_alnum(c) || k_marks.find(c) != k_none; });
}

std::optional<Parts> split(std::string_view text)
{
  Parts parts;
  if (const std::size_t scheme = text.find("://"); scheme != k_none) {
    parts.has_scheme = true;
    parts.plain = equal_ignoring_case(head(text, scheme), "http");
    if (!parts.plain && !equal_ignoring_case(head(text, scheme), "https")) return std::nullopt;
    text = tail(text, scheme + 3);
  }
  const std::string_view authority = head(text, text.find('/'));
  parts.path = tail(text, authority.size());
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == k_none ? 0 : bracket);
  parts.host = head(authority, colon);
  parts.port = tail(authority, parts.host.size());
  return parts;
}

bool is_label(std::string_view label)
{
  return !label.empty() && label.size() <= k_max_label && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_alnum(c) || c == '-' || c == '_'; // underscores occur in private networks
         });
}

bool is_host_name(std::string_view host)
{
  if (host.size() > k_max_host) return false;
  for (;;) {
    const std::size_t dot = host.find('.');
    if (!is_label(head(host, dot))) return false;
    if (dot == k_none) return true;
    host.remove_prefix(dot + 1);
  }
}

// The API's own component in front of the repository; docker sends `/v1/` and `/v2/`.
std::string_view without_api(std::string_view path, bool has_scheme)
{
  static constexpr std::array<std::string_view, 2> k_apis{"/v1", "/v2"};
  const auto is_api = [](std::string_view text) {
    return std::find(k_apis.begin(), k_apis.end(), text) != k_apis.end();
  };
  // After a scheme it is a URL of the API, without one the name of a repository.
  if (has_scheme && is_api(head(path, 3)) && (path.size() == 3 || path[3] == '/'))
    path = tail(path, 3);
  return is_api(path) ? std::string_view{} : path;
}

// Whether `path` is empty or `/component/component`.
bool is_repository(std::string_view path)
{
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view component = head(path, path.find('/'));
    if (component.empty() || component == "." || component == "..") return false;
    if (component.find_first_of("[]") != k_none) return false;
    path.remove_prefix(component.size());
  }
  return true;
}

// 0 where `port` (with the colon) is no port.
unsigned parse_port(std::string_view port)
{
  const std::string_view digits = tail(port, 1);
  if (digits.empty() || digits.size() > 5 || !std::all_of(digits.begin(), digits.end(), is_digit))
    return 0;
  unsigned value = 0;
  for (const char c : digits)
    value = value * 10 + static_cast<unsigned>(c - '0');
  return value <= 65535 ? value : 0;
}

// A fixed buffer that remembers having been too small.
class Writer {
public:
  explicit Writer(std::array<char, RegistryKey::k_max_size>& text) : text_(text) {}

  void put(char c)
  {
    if (size_ < text_.size()) text_[size_] = c;
    ++size_;
  }

  void put(std::string_view bytes)
  {
    for (const char c : bytes)
      put(c);
  }

  void put_number(unsigned value, unsigned base)
  {
    if (value >= base) put_number(value / base, base);
    put("0123456789abcdef"[value % base]);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool overflowed() const { return size_ > text_.size(); }

private:
  std::array<char, RegistryKey::k_max_size>& text_;
  std::size_t size_ = 0;
};

using Groups = std::array<unsigned, 8>;

// Where the longest run of at least two zero groups begins, and how long it is: what
// RFC 5952 writes as `::`. Length 0 where there is none.
struct ZeroRun {
  std::size_t begin = 0;
  std::size_t size = 0;
};

ZeroRun longest_zero_run(const Groups& groups)
{
  ZeroRun longest;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0)
      ++end;
    if (end - i > longest.size) longest = {i, end - i};
  }
  return longest.size < 2 ? ZeroRun{} : longest;
}

void put_ipv6(Writer& out, const Groups& groups)
{
  const ZeroRun zeros = longest_zero_run(groups);
  out.put('[');
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (zeros.size != 0 && i == zeros.begin) {
      out.put("::");
      i += zeros.size - 1;
      continue;
    }
    if (i != 0 && i != zeros.begin + zeros.size) out.put(':');
    out.put_number(groups[i], 16);
  }
  out.put(']');
}

// False unless `host` is an IPv6 address in brackets, without a zone.
bool put_bracketed(Writer& out, std::string_view host)
{
  if (!host.starts_with('[') || !host.ends_with(']')) return false;
  const std::string_view address = head(tail(host, 1), host.size() - 2);
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (address.size() >= text.size()) return false;
  std::copy(address.begin(), address.end(), text.begin());
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET6, text.data(), bytes.data()) != 1) return false;
  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i)
    groups[i] = static_cast<unsigned>(bytes[2 * i] << 8U) | bytes[2 * i + 1];
  put_ipv6(out, groups);
  return true;
}

bool is_hub(std::string_view host)
{
  return std::any_of(k_hub_hosts.begin(), k_hub_hosts.end(),
                     [host](std::string_view name) { return equal_ignoring_case(host, name); });
}

// Docker Hub is Docker Hub only where nobody named another port.
bool put_host(Writer& out, std::string_view host, bool default_port)
{
  if (host.starts_with('[')) return put_bracketed(out, host);
  if (host.ends_with('.')) host.remove_suffix(1); // the root's dot names the same host
  if (!is_host_name(host)) return false;
  if (default_port && is_hub(host)) host = k_hub;
  for (const char c : host)
    out.put(ascii_lower(c));
  return true;
}

// 443 also where none is given, and where it is 80 after `http://`; 0 where it is no port.
unsigned effective_port(const Parts& parts)
{
  if (parts.port.empty()) return k_default_port;
  const unsigned port = parse_port(parts.port);
  return port == 80 && parts.plain ? k_default_port : port;
}

} // namespace

std::optional<RegistryKey> RegistryKey::parse(std::string_view asked)
{
  const std::string_view text = trim(asked);
  if (text.empty() || text.size() > k_max_size || !is_plain(text)) return std::nullopt;

  RegistryKey key;
  Writer out(key.text_);
  if (std::find(k_opaque.begin(), k_opaque.end(), text) != k_opaque.end()) {
    out.put(text);
    key.size_ = key.registry_size_ = key.host_size_ = out.size();
    key.opaque_ = true;
    return key;
  }

  auto parts = split(text);
  if (!parts) return std::nullopt;
  if (parts->path.ends_with('/')) parts->path.remove_suffix(1);
  parts->path = without_api(parts->path, parts->has_scheme);
  const unsigned port = effective_port(*parts);
  if (port == 0 || !is_repository(parts->path)) return std::nullopt;
  if (!put_host(out, parts->host, port == k_default_port)) return std::nullopt;
  key.host_size_ = out.size();
  if (port != k_default_port) {
    out.put(':');
    out.put_number(port, 10);
  }
  key.registry_size_ = out.size();
  out.put(parts->path);
  if (out.overflowed()) return std::nullopt;
  key.size_ = out.size();
  return key;
}

std::string_view RegistryKey::port() const
{
  return tail(registry(), host_size_ + 1);
}

std::string_view RegistryKey::repository() const
{
  return tail(text(), registry_size_ + 1);
}

std::string_view RegistryKey::docker_spelling() const
{
  return text() == k_hub ? "https://index.docker.io/v1/" : text();
}

} // namespace purser
