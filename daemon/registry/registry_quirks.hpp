#pragma once

#include <string_view>

namespace purser {

// How a registry deviates from what distribution's documents say. The defaults are: it does not.
struct RegistryQuirks {
  std::string_view name = {}; // for people and tests

  // Whose they are: all that are not empty must match. A star stands for any text.
  std::string_view host = {};       // of the registry
  std::string_view realm_path = {}; // of the realm

  // A host besides the registry's own that its challenges name.
  std::string_view realm_host = {};
  // Whether a user name and password may be sent with POST where GET was refused with 400, 404 or
  // 405.
  bool password_post = true;
  // Whether it knows `registry:catalog:*`; else that is refused, with whatever is asked besides.
  bool catalog = true;
  // What it answers to a token that has expired, without a challenge where it is not 401.
  unsigned expired_status = 401;
};

// Those of the first line of the table that matches; the defaults where none does. `registry` is a
// host name without port, `realm_path` without query; both may be empty while they are not known.
[[nodiscard]] const RegistryQuirks& registry_quirks(std::string_view registry,
                                                    std::string_view realm_path = {});

} // namespace purser
