#include "cli/setup/setup_run.hpp"

#include "cli/helper_program.hpp"
#include "cli/setup/client_files.hpp"
#include "cli/setup/containers_plan.hpp"
#include "cli/setup/docker_plan.hpp"
#include "cli/setup/journal.hpp"
#include "cli/setup/tool_plans.hpp"

#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace purser::cli::setup {
namespace {

using Registries = std::vector<RegistryKey>;

bool holds(const std::vector<std::string>& clients, std::string_view configuration)
{
  return std::any_of(clients.begin(), clients.end(), [configuration](const std::string& client) {
    return configuration_of(client) == configuration;
  });
}

// One run of setup: what it was asked for, and what it works with.
class Wiring {
public:
  Wiring(ClientFiles files, Journal journal, Registries registries, Dialogue& dialogue)
    : files_(std::move(files))
    , journal_(std::move(journal))
    , registries_(std::move(registries))
    , dialogue_(dialogue)
  {
  }

  void wire(const std::vector<std::string>& clients, const SetupWords& words);

private:
  void carry_out(const std::string& client, const std::string& path, Planned planned);
  [[nodiscard]] FileState edit(PlannedFile& plan, FileOutcome& outcome);
  void wire_bazel();
  void wire_kubelet(const SetupWords& words);

  ClientFiles files_;
  Journal journal_;
  Registries registries_;
  Dialogue& dialogue_;
};

void Wiring::wire(const std::vector<std::string>& clients, const SetupWords& words)
{
  if (holds(clients, "docker"))
    carry_out("docker", files_.docker,
              plan_docker_file("docker", files_.docker, DockerDialect::docker, registries_));
  if (holds(clients, "helm"))
    carry_out("helm", files_.helm,
              plan_docker_file("helm", files_.helm, DockerDialect::docker, registries_));
  if (holds(clients, "podman")) {
    carry_out("podman", files_.containers_drop_in, plan_containers_drop_in(files_));
    carry_out(
        "podman", files_.containers_auth,
        plan_docker_file("podman", files_.containers_auth, DockerDialect::containers, registries_));
  }
  if (holds(clients, "bazel")) wire_bazel();
  if (holds(clients, "kubelet")) wire_kubelet(words);
}

void Wiring::wire_bazel()
{
  const auto helper = find_helper(environment_variable("PATH"));
  if (helper) carry_out("bazel", files_.bazel, plan_bazel(files_.bazel, *helper, registries_));
}

void Wiring::wire_kubelet(const SetupWords& words)
{
  carry_out("kubelet", words.config, plan_kubelet(words.config, registries_));
  const auto provider = words.bin_dir + "/purser-kubelet-provider";
  if (::access(provider.c_str(), X_OK) != 0)
    dialogue_.warn(provider +
                   " is missing, and the kubelet does not start without; link it: ln -s "
                   "/usr/local/bin/purser-kubelet-provider " +
                   words.bin_dir + "/");
}

void Wiring::carry_out(const std::string& client, const std::string& path, Planned planned)
{
  FileOutcome outcome{client, path, FileState::failed, "", {}};
  if (!planned) {
    if (planned.error().code == Errc::interaction_required) outcome.state = FileState::by_hand;
    outcome.what = planned.error().what;
    return dialogue_.tell(std::move(outcome));
  }
  outcome.notes = std::move(planned->notes);
  outcome.state = FileState::unchanged;
  if (planned->after == planned->file.text()) {
    // Neither made nor mentioned: a file that is not there and need not be.
    if (planned->file.exists()) dialogue_.tell(std::move(outcome));
    return;
  }
  outcome.state = edit(*planned, outcome);
  dialogue_.tell(std::move(outcome));
}

// The state afterwards; `what` where it failed. Written down before it is done.
FileState Wiring::edit(PlannedFile& plan, FileOutcome& outcome)
{
  switch (dialogue_.ask(outcome.client, plan.diff)) {
  case Dialogue::Answer::only_shown: return FileState::would_change;
  case Dialogue::Answer::leave_it: return FileState::declined;
  case Dialogue::Answer::nobody_to_ask:
    outcome.what = outcome.path + " was not changed: nobody is here to ask; say --yes";
    return FileState::failed;
  case Dialogue::Answer::do_it: break;
  }
  auto done = journal_.add(std::move(plan.record));
  if (done) done = plan.file.replace(plan.after);
  if (done) return FileState::changed;
  outcome.what = done.error().what;
  return FileState::failed;
}

void check_helper(Dialogue& dialogue)
{
  if (find_helper(environment_variable("PATH"))) return;
  dialogue.warn("docker-credential-purser is not on PATH: clients that are told to ask it fail; "
                "add its folder to PATH where your shell starts");
}

} // namespace

void wire_all(const SetupWords& words, Dialogue& dialogue)
{
  auto files = ClientFiles::of(environment_variable);
  if (!files) return dialogue.warn(files.error().what);
  auto journal = Journal::open(files->journal,
                               words.form.dry_run ? Journal::Use::reading : Journal::Use::writing);
  if (!journal) return dialogue.warn(journal.error().what);
  Registries registries;
  if (auto configured = configured_registries())
    registries = std::move(*configured);
  else
    dialogue.warn(configured.error().what + "; its registries are not named");
  for (const auto& name : words.registries) {
    const auto key = RegistryKey::parse(std::string(RegistryKey::parse(name)->registry()));
    if (std::find(registries.begin(), registries.end(), *key) == registries.end())
      registries.push_back(*key);
  }
  auto clients = words.clients;
  if (clients.empty()) clients = installed_clients(environment_variable("PATH"));
  check_helper(dialogue);
  Wiring(std::move(*files), std::move(*journal), std::move(registries), dialogue)
      .wire(clients, words);
}

} // namespace purser::cli::setup
