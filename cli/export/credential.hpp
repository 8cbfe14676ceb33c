#pragma once

#include "common/registry_key.hpp"
#include "common/secret.hpp"

#include <string>
#include <utility>

namespace purser::cli {

// What a helper's `get` is answered with, and for what.
struct ExportedCredential {
  ExportedCredential(RegistryKey k, std::string u, Secret s)
    : key(k), username(std::move(u)), secret(std::move(s))
  {
  }

  // Docker's name for a secret that is an identity token and no password.
  [[nodiscard]] bool is_identity_token() const { return username == "<token>"; }

  RegistryKey key;
  std::string username;
  Secret secret;
};

} // namespace purser::cli
