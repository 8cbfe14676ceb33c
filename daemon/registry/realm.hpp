#pragma once

#include "common/result.hpp"
#include "daemon/http/url.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace purser {

// Whom a challenge may send us to, besides the registry itself.
struct RealmRules {
  // `host[:port]` in lower case: realms that the configuration allows for this registry.
  std::vector<std::string> allowed;
  // Whether a password or refresh token will go there. Without one, any public https host will do.
  bool with_credential = true;
};

// A realm that was found fit to be asked.
struct Realm {
  Realm(Url u, bool public_only) : url(std::move(u)), only_public(public_only) {}

  Url url;
  // The connection must be to a public address (is_public_address), or none: nobody who may be
  // trusted with it said that the realm is inside this network.
  bool only_public;
};

// Whether `realm`, which the registry's challenge named, may be asked for a token for `registry`.
//
// Allowed are, over https: the registry's own host (an IP address: only its own port), a host that
// is known to belong to it (auth.docker.io to Docker Hub: registry_quirks.hpp), what the
// configuration allows. Over http: only for a registry that is itself reached over http, and only
// its own host and port or what the configuration allows. A pair counts, never a realm alone: that
// of another registry is as foreign as any.
//
// unsafe, with both names and how to allow it, for all others, and for what is no URL or has a user
// name or a fragment.
[[nodiscard]] Result<Realm>
check_realm(std::string_view realm, const Url& registry, const RealmRules& rules);

} // namespace purser
