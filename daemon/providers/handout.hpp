#pragma once

#include "common/secret.hpp"

#include <string>
#include <utility>

namespace purser {

// What a client is given.
struct Handout {
  Handout(std::string u, Secret s) : username(std::move(u)), secret(std::move(s)) {}

  std::string username;
  Secret secret;
};

} // namespace purser
