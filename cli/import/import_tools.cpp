#include "cli/import/import_tools.hpp"

#include "cli/control_client.hpp"
#include "cli/helper_program.hpp"
#include "cli/setup/client_files.hpp"

#include <sys/prctl.h>

#include <chrono>
#include <cstdlib>
#include <utility>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_daemon_limit = 10s; // it answers before

} // namespace

Result<ImportTools> ImportTools::find()
{
  if (::getenv("PURSER_NAMESPACE") != nullptr)
    return Error(Errc::misconfigured, "an import is for all that this user runs, not for one "
                                      "namespace: unset PURSER_NAMESPACE");
  const auto program = find_helper(setup::environment_variable("PATH"));
  if (!program)
    return Error(Errc::misconfigured, "docker-credential-purser is not on PATH: install it there");
  CredentialHelper helper(*program, CredentialHelper::Whose::ours);
  auto stored = StoredLogins::read(helper);
  if (!stored) return stored.error();
  auto daemon = ControlClient::from_environment(k_daemon_limit);
  if (!daemon) return daemon.error();
  return ImportTools{std::move(helper), std::move(*stored),
                     KeptRecords(std::move(*daemon), KeptRecords::run_name())};
}

Result<Standings> ImportTools::look_up(const std::vector<FoundEntry>& entries) const
{
  Standings standings;
  for (const auto& entry : entries) {
    if (!entry.key || standings.contains(entry.key->text())) continue;
    auto minted = records.minted_by(entry.key->text());
    if (!minted) return minted.error();
    Standing standing;
    standing.minted_by = std::move(*minted);
    if (standing.minted_by.empty()) {
      auto held = stored.find(*entry.key);
      if (!held) return held.error();
      standing.stored = std::move(*held);
    }
    standings.emplace(entry.key->text(), std::move(standing));
  }
  return standings;
}

// Not harden_process(): what it forbids to gain privileges would reach the daemon that a helper
// starts for us.
void hide_secrets()
{
  ::prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

} // namespace purser::cli
