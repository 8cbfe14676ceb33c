#pragma once

#include "cli/programs/credential_helper.hpp"
#include "cli/programs/login.hpp"
#include "common/registry_key.hpp"
#include "common/result.hpp"

#include <optional>
#include <set>
#include <string>

namespace purser::cli {

// What purser's store has, through the helper that clients run.
class StoredLogins {
public:
  [[nodiscard]] static Result<StoredLogins> read(const CredentialHelper& helper);

  // What is stored under this very key: a credential of its registry, which would be handed out
  // for it as well, is not. Asks anew; what was stored since read() is seen as well for
  // registries, and for repositories after remember().
  [[nodiscard]] Result<std::optional<Login>> find(const RegistryKey& key) const;

  // Something was stored under this key.
  void remember(const RegistryKey& key) { keys_.insert(std::string(key.text())); }

private:
  StoredLogins(const CredentialHelper& helper, std::set<std::string> keys)
    : helper_(helper), keys_(std::move(keys))
  {
  }

  CredentialHelper helper_;
  std::set<std::string> keys_; // canonical; a long list is told in part
};

} // namespace purser::cli
