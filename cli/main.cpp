#include "cli/audit.hpp"
#include "cli/command.hpp"
#include "cli/completion.hpp"
#include "cli/doctor.hpp"
#include "cli/exit_code.hpp"
#include "cli/export.hpp"
#include "cli/help.hpp"
#include "cli/import.hpp"
#include "cli/job.hpp"
#include "cli/lock.hpp"
#include "cli/login.hpp"
#include "cli/logout.hpp"
#include "cli/logs.hpp"
#include "cli/metrics.hpp"
#include "cli/namespaces.hpp"
#include "cli/printable.hpp"
#include "cli/refresh.hpp"
#include "cli/run.hpp"
#include "cli/setup.hpp"
#include "cli/status.hpp"
#include "cli/store.hpp"
#include "cli/token.hpp"
#include "cli/version.hpp"
#include "common/version.hpp"

#include <algorithm>
#include <array>
#include <clocale>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace purser::cli {
namespace {

// In the order of --help.
constexpr std::array k_commands{add_status, add_audit,  add_logs,    add_doctor,  add_refresh,
                                add_token,  add_login,  add_logout,  add_store,   add_namespace,
                                add_lock,   add_unlock, add_setup,   add_import,  add_export,
                                add_run,    add_job,    add_metrics, add_version, add_completion};

constexpr const char* k_footer =
    "Ends with 0; 1 where something failed; 2 for a wrong command line; 3 where no\n"
    "daemon runs; some with others as well: see purser COMMAND --help and purser(1).\n\n"
    "Example:\n  purser status --watch\n";

ExitCode run(int argc, char** argv)
{
  CLI::App app("purser: live credentials for container registries", "purser");
  app.require_subcommand(1);
  app.set_version_flag("--version", "purser " + std::string(program_version()));
  Chosen chosen;
  for (const auto& add : k_commands)
    add(app, chosen);
  complete_help(app);
  app.footer(k_footer); // after them: they would have it as well
  hide_dashes(argc, argv);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      const std::vector<std::string> words(argv + std::min(argc, 1), argv + argc);
      const auto unknown = unknown_command(app, words);
      std::cerr << "purser: "
                << (unknown ? "there is no command " + *unknown : printable(error.what()))
                << next_step(app, words) << '\n';
      return ExitCode::usage;
    }
    app.exit(error); // prints what --help or --version asked for
    return ExitCode::success;
  }
  return chosen();
}

} // namespace
} // namespace purser::cli

int main(int argc, char** argv)
{
  // Which signs the terminal can show; nothing else here depends on it.
  std::setlocale(LC_CTYPE, ""); // NOLINT(concurrency-mt-unsafe)
  try {
    return static_cast<int>(purser::cli::run(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "purser: a bug of ours: " << error.what() << '\n';
    return static_cast<int>(purser::cli::ExitCode::failure);
  }
}
