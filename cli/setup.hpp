#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/setup/dialogue.hpp"

#include <istream>
#include <ostream>
#include <string>
#include <vector>

namespace purser::cli {

struct SetupWords {
  std::vector<std::string> clients;    // none: those that are installed
  std::vector<std::string> registries; // --registry
  std::string bin_dir;                 // --bin-dir, of the kubelet
  std::string config;                  // --config, of the kubelet
  setup::SetupForm form;
};

// `purser setup`: makes clients ask purser, by editing their configuration; `--undo` takes that
// back. Asks no daemon and never starts one. `in` is null where nobody can answer.
[[nodiscard]] ExitCode
set_up_clients(const SetupWords& words, std::istream* in, std::ostream& out, std::ostream& err);

void add_setup(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
