#pragma once

#include <string>
#include <vector>

namespace purser {

// What the configuration says of tokens of one registry.
struct TokenRules {
  std::vector<std::string> realms; // `host[:port]`: may be sent its credential, besides its own
  bool plain_http = false;         // the registry is asked over http
  bool exact_scopes = false;       // no token that has more rights than are wanted
};

} // namespace purser
