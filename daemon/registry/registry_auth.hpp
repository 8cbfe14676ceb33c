#pragma once

#include "daemon/registry/challenge.hpp"
#include "daemon/registry/scope_set.hpp"

#include <string>
#include <vector>

namespace purser {

// What a registry wants of whoever asks, as far as we can give it.
struct RegistryAuth {
  enum class Scheme {
    none,    // there was no challenge
    basic,   // user name and password with each request
    bearer,  // a token of `realm`
    unknown, // only schemes that we do not speak: `offered` has their names
  };

  Scheme scheme = Scheme::none;
  std::string realm;   // as the server wrote it: see check_realm()
  std::string service; // empty where none was given
  ScopeSet scope;      // what the server says this request needs; nothing where it is malformed
  std::string error;   // `invalid_token`, `insufficient_scope` (RFC 6750, 3.1), or empty
  std::string offered; // names of all schemes, for people: `negotiate, ntlm`
};

// Bearer with a realm goes before Basic, wherever they stand: a server in between cannot have
// the password itself by adding a challenge. Of several of one scheme, the first.
[[nodiscard]] RegistryAuth choose_scheme(const std::vector<Challenge>& challenges);

} // namespace purser
