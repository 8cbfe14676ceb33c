#include "cli/setup.hpp"

#include "cli/printable.hpp"
#include "cli/setup/setup_run.hpp"
#include "cli/setup/undo_run.hpp"
#include "common/hardening.hpp"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

// A complaint about the command line; empty where there is none.
std::string complaint_about(const SetupWords& words)
{
  for (const auto& client : words.clients)
    if (setup::configuration_of(client).empty())
      return "setup does not know the client " + printable(client) + "; it knows " +
             setup::known_clients();
  for (const auto& registry : words.registries)
    if (!RegistryKey::parse(registry))
      return "--registry wants the name of a registry: HOST[:PORT]"; // it may hold a password
  const auto& form = words.form;
  if (form.json && !form.yes && !form.dry_run)
    return "setup --json does not ask: it wants --yes or --dry-run";
  const bool kubelet =
      std::find(words.clients.begin(), words.clients.end(), "kubelet") != words.clients.end();
  const bool has_places = words.bin_dir.starts_with('/') && words.config.starts_with('/');
  if (kubelet && !form.undo && !has_places)
    return "setup kubelet wants --bin-dir DIR and --config FILE, absolute paths";
  return {};
}

} // namespace

ExitCode
set_up_clients(const SetupWords& words, std::istream* in, std::ostream& out, std::ostream& err)
{
  if (const auto complaint = complaint_about(words); !complaint.empty()) {
    err << "purser: " << complaint << '\n';
    return ExitCode::usage;
  }
  // Configuration files hold passwords: no core file of this process, no look into it.
  (void)harden_process();
  setup::Dialogue dialogue(words.form, in, out, err);
  if (words.form.undo)
    setup::undo_all(words.clients, dialogue);
  else
    setup::wire_all(words, dialogue);
  dialogue.finish();
  return dialogue.failed() ? ExitCode::failure : ExitCode::success;
}

void add_setup(CLI::App& app, Chosen& chosen)
{
  auto words = std::make_shared<SetupWords>();
  auto* command = app.add_subcommand("setup", "Makes clients ask purser");
  command->add_option("CLIENT", words->clients, "Instead of all: " + setup::known_clients());
  command
      ->add_option("--registry", words->registries, "Names HOST[:PORT] where each has to be named")
      ->allow_extra_args(false);
  command->add_option("--bin-dir", words->bin_dir, "kubelet: the folder of credential providers");
  command->add_option("--config", words->config, "kubelet: the CredentialProviderConfig to write");
  command->add_flag("--dry-run", words->form.dry_run, "Only shows what would change");
  command->add_flag("--yes", words->form.yes, "Does not ask");
  command->add_flag("--undo", words->form.undo, "Takes back what setup did");
  command->add_flag("--json", words->form.json, "What became of each file, for scripts");
  command->callback([words, &chosen] {
    chosen = [words] {
      const bool terminal = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1;
      return set_up_clients(*words, terminal ? &std::cin : nullptr, std::cout, std::cerr);
    };
  });
}

} // namespace purser::cli
