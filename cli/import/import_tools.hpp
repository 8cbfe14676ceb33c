#pragma once

#include "cli/import/found_entry.hpp"
#include "cli/import/import_plan.hpp"
#include "cli/import/kept_records.hpp"
#include "cli/import/stored_logins.hpp"
#include "cli/programs/credential_helper.hpp"
#include "common/result.hpp"

#include <string>
#include <vector>

namespace purser::cli {

// What every import needs: the helper that clients run, and by it the store and a daemon.
struct ImportTools {
  CredentialHelper helper;
  StoredLogins stored;
  KeptRecords records;

  // Of this environment; starts a daemon where none runs. Errors: misconfigured where there is
  // no helper, or the environment names a namespace; what helper and daemon say.
  [[nodiscard]] static Result<ImportTools> find();

  // Of every key that was found, what purser has for it.
  [[nodiscard]] Result<Standings> look_up(const std::vector<FoundEntry>& entries) const;
};

// Nobody examines or dumps this process from now on. Before the first secret is read.
void hide_secrets();

} // namespace purser::cli
