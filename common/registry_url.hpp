#pragma once

#include "common/registry_key.hpp"

#include <optional>
#include <string_view>

namespace purser {

// What a URI says of the registry that it leads to.
//
// Needs no library and no heap, so that the helper can use it.
struct RegistryUrl {
  enum class Kind {
    registry,  // http or https, and `key` is set
    elsewhere, // another scheme: no registry is reached by it
    malformed, // no URI, or none whose host is a registry's name
  };

  Kind kind = Kind::malformed;
  // With the repository where the path is one of the distribution API's
  // (/v2/REPOSITORY/blobs/..., manifests, tags, referrers).
  std::optional<RegistryKey> key;
  bool plain = false;        // http
  bool names_user = false;   // user@host: not what a registry is asked with
  bool unclear_path = false; // escapes or dot segments where the repository stands
};

// RFC 3986. Whatever stands before an `@` is no part of the host; a query and a fragment
// say nothing.
[[nodiscard]] RegistryUrl parse_registry_url(std::string_view uri);

} // namespace purser
