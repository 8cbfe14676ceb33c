#pragma once

#include "cli/export/credential.hpp"
#include "cli/export/stop_signals.hpp"
#include "common/registry_key.hpp"
#include "common/result.hpp"

#include <string>

namespace purser::cli {

// What `PROGRAM get` of the helper `program`, which starts a daemon where none runs, is answered
// with in the environment of this process.
//
// not_configured where it says that there is none; else as CredentialHelper, and timeout where
// `stop` came first.
[[nodiscard]] Result<ExportedCredential>
get_through(const std::string& program, const RegistryKey& key, const StopSignals& stop);

} // namespace purser::cli
