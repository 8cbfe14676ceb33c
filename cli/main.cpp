#include "cli/audit.hpp"
#include "cli/doctor.hpp"
#include "cli/exit_code.hpp"
#include "cli/metrics.hpp"
#include "cli/refresh.hpp"
#include "cli/status.hpp"
#include "cli/version.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <exception>
#include <iostream>
#include <optional>
#include <string>

namespace purser::cli {
namespace {

// The words behind a command.
struct Words {
  bool json = false;
  bool verbose = false;
  std::optional<std::string> registry; // may be left out
  std::string wanted;                  // may not
};

struct Commands {
  CLI::App* status;
  CLI::App* audit;
  CLI::App* doctor;
  CLI::App* refresh;
  CLI::App* metrics;
  CLI::App* version;
};

Commands describe(CLI::App& app, Words& words)
{
  Commands commands{
      app.add_subcommand("status", "The daemon, its tokens and when they are renewed"),
      app.add_subcommand("audit", "Who asked for what, oldest first"),
      app.add_subcommand("doctor", "What a registry's client would be answered, and why"),
      app.add_subcommand("refresh", "Obtains a new token now"),
      app.add_subcommand("metrics", "What Prometheus would be told"),
      app.add_subcommand("version", "Of this program and of the daemon")};
  commands.status->add_flag("--verbose,-v", words.verbose, "All that is known of each token");
  commands.doctor->add_option("REGISTRY", words.registry,
                              "HOST[:PORT][/REPOSITORY]; without: the daemon itself");
  commands.refresh->add_option("REGISTRY", words.wanted, "HOST[:PORT][/REPOSITORY]")->required();
  for (auto* command : {commands.status, commands.audit, commands.refresh})
    command->add_flag("--json", words.json, "The daemon's answer as it is");
  commands.doctor->add_flag("--json", words.json, "The report for scripts");
  return commands;
}

ExitCode run(int argc, char** argv)
{
  CLI::App app("purser: live credentials for container registries", "purser");
  app.require_subcommand(1);
  app.footer("Ends with 0; 1 where something failed; 2 for a wrong command line; 3 where no "
             "daemon runs; doctor and refresh also with others: see purser(1).\n");
  app.set_version_flag("--version", "purser " PURSER_VERSION);
  Words words;
  const Commands commands = describe(app, words);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() != 0) {
      std::cerr << "purser: " << error.what() << "; see: purser --help\n";
      return ExitCode::usage;
    }
    app.exit(error); // prints what --help or --version asked for
    return ExitCode::success;
  }
  if (commands.status->parsed())
    return show_status({words.json, words.verbose}, std::cout, std::cerr);
  if (commands.audit->parsed()) return show_audit(words.json, std::cout, std::cerr);
  if (commands.doctor->parsed())
    return show_doctor(words.registry, words.json, std::cout, std::cerr);
  if (commands.refresh->parsed())
    return refresh_token(words.wanted, words.json, std::cout, std::cerr);
  if (commands.metrics->parsed()) return show_metrics(std::cout, std::cerr);
  return show_version(std::cout, std::cerr);
}

} // namespace
} // namespace purser::cli

int main(int argc, char** argv)
{
  try {
    return static_cast<int>(purser::cli::run(argc, argv));
  } catch (const std::exception& error) {
    std::cerr << "purser: a bug of ours: " << error.what() << '\n';
    return static_cast<int>(purser::cli::ExitCode::failure);
  }
}
