#pragma once

#include "cli/command.hpp"
#include "cli/exit_code.hpp"
#include "cli/terminal/look.hpp"

#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace purser::cli {

struct LogsForm {
  bool json = false;
  bool follow = false;
  bool memory = false;              // what the daemon keeps, also where its log is in the journal
  std::optional<std::size_t> lines; // the last ones only
};

// `purser logs`: the daemon's log. Where it goes to the journal, this process becomes journalctl;
// elsewhere it is what the daemon keeps of it in memory.
[[nodiscard]] ExitCode
show_logs(const LogsForm& form, const Look& look, std::ostream& out, std::ostream& err);

// The unit whose journal a daemon's log is in, and whether it is one of a user's manager.
struct LogUnit {
  std::string name;
  bool of_user = true;
};

// From what /proc/PID/cgroup says; nothing where the process belongs to no service.
[[nodiscard]] std::optional<LogUnit> unit_in(std::string_view cgroups);

void add_logs(CLI::App& app, Chosen& chosen);

} // namespace purser::cli
