#include "daemon/registry/realm.hpp"

#include "daemon/registry/public_address.hpp"
#include "daemon/registry/registry_quirks.hpp"

#include <algorithm>

namespace purser {
namespace {

bool is_same_host(const Url& realm, const Url& registry)
{
  if (realm.host != registry.host) return false;
  if (realm.port == registry.port && realm.tls == registry.tls) return true;
  // Another port of a name shows the same certificate. Behind an address may be anybody.
  return realm.tls && registry.tls && !realm.address();
}

bool is_allowed(const Url& realm, const std::vector<std::string>& allowed)
{
  return std::any_of(allowed.begin(), allowed.end(), [&realm](const std::string& text) {
    const auto one = parse_host_and_port(text);
    if (!one || one->host != realm.host) return false;
    return one->port == realm.port || (one->port == 0 && realm.port == (realm.tls ? 443 : 80));
  });
}

bool is_known_pair(const Url& realm, const Url& registry)
{
  const auto known = registry_quirks(registry.host).realm_host;
  return !known.empty() && realm.host == known && realm.tls && realm.port == 443 && registry.tls &&
         registry.port == 443;
}

Error refused(const Url& registry, std::string_view why)
{
  std::string text = "refused the realm that ";
  text += registry.host_header();
  text += " names for its tokens: ";
  text += why;
  return Error{Errc::unsafe, std::move(text)};
}

Error foreign(const Url& registry, const Url& realm)
{
  const auto host = realm.host_header();
  std::string why = host;
  why += " is another host; if that is right, add \"realms\": [\"";
  why += host;
  why += "\"] to the rule for ";
  why += registry.host_header();
  return with_remedy(refused(registry, why));
}

} // namespace

Result<Realm> check_realm(std::string_view realm, const Url& registry, const RealmRules& rules)
{
  auto url = parse_url(realm);
  if (!url) return refused(registry, "it is not a plain https:// URL");
  const bool same = is_same_host(*url, registry);
  const bool allowed = is_allowed(*url, rules.allowed);
  if (!url->tls && registry.tls) return refused(registry, "it is http:// and the registry is not");
  if (same || allowed) return Realm(std::move(*url), /*public_only=*/false);
  if (!url->tls) return foreign(registry, *url);
  if (is_known_pair(*url, registry)) return Realm(std::move(*url), /*public_only=*/true);

  const auto address = url->address();
  if (rules.with_credential || (address && !is_public_address(*address)))
    return foreign(registry, *url);
  return Realm(std::move(*url), /*public_only=*/true);
}

} // namespace purser
