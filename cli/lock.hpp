#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "common/result.hpp"

#include <nlohmann/json.hpp>

#include <ostream>
#include <string>

namespace purser::cli {

// `purser lock`: the daemon forgets the key and what it holds. The first time it asks for a
// passphrase, under which the key is from then on. `purser unlock`: gives the passphrase;
// `--remove-passphrase` gives it up. Both start a daemon where none runs.
[[nodiscard]] ExitCode lock(int passphrase_descriptor, std::ostream& out, std::ostream& err);
[[nodiscard]] ExitCode
unlock(int passphrase_descriptor, bool remove, std::ostream& out, std::ostream& err);

// POSTs to `path`, first without a passphrase and, where the daemon needs one, with it.
[[nodiscard]] Result<nlohmann::json> post_with_passphrase(const std::string& path,
                                                          int descriptor,
                                                          const std::string& prompt,
                                                          bool twice);

void add_lock(CLI::App& app, Chosen& chosen);
void add_unlock(CLI::App& app, Chosen& chosen);

// Of an answer whose outcome is none that this program knows.
[[nodiscard]] inline Error not_understood()
{
  return {Errc::protocol_error, "the daemon's answer is not understood; compare: purser version"};
}

} // namespace purser::cli
