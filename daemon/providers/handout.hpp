#pragma once

#include "common/secret.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <utility>

namespace purser {

// What a client is given.
struct Handout {
  Handout(std::string u, Secret s, std::optional<BootTime> end = std::nullopt)
    : username(std::move(u)), secret(std::move(s)), expires_at(end)
  {
  }

  std::string username;
  Secret secret;
  std::optional<BootTime> expires_at; // nothing where it is not known to end
  // Where the credential store keeps it; an empty key: it comes from elsewhere.
  std::string space;
  std::string stored_as;
};

} // namespace purser
