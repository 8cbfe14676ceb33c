#pragma once

#include "daemon/tokens/access_token.hpp"

#include <string>
#include <utility>

namespace purser {

// What one may want to do at a registry (OCI distribution specification 1.1).
enum class Action {
  login,   // GET /v2/
  pull,    // GET /v2/REPOSITORY/tags/list
  push,    // POST /v2/REPOSITORY/blobs/uploads/, and the upload is given up
  remove,  // DELETE of a manifest that cannot exist
  catalog, // GET /v2/_catalog
};

// What a registry answered to who tried.
struct RegistryAnswer {
  RegistryAnswer(unsigned s, AccessToken a) : status(s), access(std::move(a)) {}

  unsigned status;
  AccessToken access; // what it was asked with
  // Whether it allowed what was tried: also where what was read or deleted is not there.
  bool allowed = false;
  std::string error; // of its challenge: `insufficient_scope`, `invalid_token`, or empty
  std::string words; // what it said, for people (server_words.hpp)
};

} // namespace purser
