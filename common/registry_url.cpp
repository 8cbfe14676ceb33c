#include "common/registry_url.hpp"

#include "common/ascii.hpp"
#include "common/slice.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace purser {
namespace {

using Kind = RegistryUrl::Kind;

constexpr std::size_t k_none = std::string_view::npos;
constexpr std::string_view k_api = "/v2";

// What follows the repository in a path of the API (OCI distribution specification).
constexpr std::array<std::string_view, 4> k_endings{"/blobs/", "/manifests/", "/tags/",
                                                    "/referrers/"};

// Printable ASCII less what RFC 3986 has no use for.
bool is_uri_byte(char c)
{
  return c > ' ' && c < '\x7f' && std::string_view("\"<>\\^`{|}").find(c) == k_none;
}

bool is_scheme_byte(char c)
{
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '-' ||
         c == '.';
}

// Whether a server may take the path for another than the one that is written here.
bool has_dot_segments(std::string_view path)
{
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::string_view segment = head(path, path.find('/'));
    if (segment == "." || segment == "..") return true;
    path.remove_prefix(segment.size());
  }
  return false;
}

bool is_unclear(std::string_view path)
{
  if (has_dot_segments(path)) return true;
  const std::string_view rest = tail(path, 1);
  const std::string_view first = head(rest, rest.find('/'));
  if (first.empty() && !rest.empty()) return true;
  if (first.find('%') != k_none) return true;
  return first == tail(k_api, 1) && (path.find('%') != k_none || path.find("//") != k_none);
}

// `/team/app` of `/v2/team/app/blobs/...`; empty where the path names no repository.
std::string_view repository_of(std::string_view path)
{
  if (!begins_with(path, k_api) || !begins_with(tail(path, k_api.size()), "/")) return {};
  const std::string_view rest = tail(path, k_api.size());
  std::size_t end = 0;
  for (const std::string_view ending : k_endings)
    if (const std::size_t at = rest.rfind(ending); at != k_none) end = std::max(end, at);
  return head(rest, end);
}

std::optional<RegistryKey>
key_of(std::string_view scheme, std::string_view authority, std::string_view repository)
{
  std::array<char, RegistryKey::k_max_size> text{};
  std::size_t size = 0;
  const std::array<std::string_view, 5> parts{
      scheme, "://", authority, repository.empty() ? std::string_view() : k_api, repository};
  for (const std::string_view part : parts) {
    if (part.size() > text.size() - size) return std::nullopt;
    std::copy(part.begin(), part.end(), text.data() + size);
    size += part.size();
  }
  return RegistryKey::parse({text.data(), size});
}

} // namespace

RegistryUrl parse_registry_url(std::string_view uri)
{
  RegistryUrl url;
  if (!std::all_of(uri.begin(), uri.end(), is_uri_byte)) return url;
  const std::size_t colon = uri.find(':');
  const std::string_view scheme = head(uri, colon);
  if (colon == k_none || scheme.empty() ||
      !std::all_of(scheme.begin(), scheme.end(), is_scheme_byte))
    return url;
  url.plain = equal_ignoring_case(scheme, "http");
  if (!url.plain && !equal_ignoring_case(scheme, "https")) {
    url.kind = Kind::elsewhere;
    return url;
  }
  if (!begins_with(tail(uri, colon), "://")) return url;

  const std::string_view rest = tail(uri, colon + 3);
  std::string_view authority = head(rest, rest.find_first_of("/?#"));
  const std::string_view after = tail(rest, authority.size());
  const std::string_view path = head(after, after.find_first_of("?#"));
  if (const std::size_t at = authority.rfind('@'); at != k_none) {
    url.names_user = true;
    authority = tail(authority, at + 1);
  }
  url.unclear_path = is_unclear(path);
  url.key = key_of(scheme, authority, url.unclear_path ? std::string_view() : repository_of(path));
  if (url.key) url.kind = Kind::registry;
  return url;
}

} // namespace purser
