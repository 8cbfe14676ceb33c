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

ExitCode run(int argc, char** argv)
{
  CLI::App app("purser: live credentials for container registries", "purser");
  app.require_subcommand(1);
  app.footer("Ends with 0; 1 where something failed; 2 for a wrong command line; 3 where no "
             "daemon runs; doctor and refresh also with others: see purser(1).\n");
  app.set_version_flag("--version", "purser " PURSER_VERSION);
  bool json = false;
  bool verbose = false;
  auto* status = app.add_subcommand("status", "The daemon, its tokens and when they are renewed");
  status->add_flag("--verbose,-v", verbose, "All that is known of each token");
  status->add_flag("--json", json, "The daemon's answer as it is");
  auto* audit = app.add_subcommand("audit", "Who asked for what, oldest first");
  audit->add_flag("--json", json, "The daemon's answer as it is");
  auto* doctor =
      app.add_subcommand("doctor", "What a registry's client would be answered, and why");
  std::optional<std::string> registry;
  doctor->add_option("REGISTRY", registry, "HOST[:PORT][/REPOSITORY]; without: the daemon itself");
  doctor->add_flag("--json", json, "The report for scripts");
  auto* refresh = app.add_subcommand("refresh", "Obtains a new token now");
  std::string wanted;
  refresh->add_option("REGISTRY", wanted, "HOST[:PORT][/REPOSITORY]")->required();
  refresh->add_flag("--json", json, "The daemon's answer as it is");
  auto* metrics = app.add_subcommand("metrics", "What Prometheus would be told");
  auto* version = app.add_subcommand("version", "Of this program and of the daemon");
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
  if (status->parsed()) return show_status({json, verbose}, std::cout, std::cerr);
  if (audit->parsed()) return show_audit(json, std::cout, std::cerr);
  if (doctor->parsed()) return show_doctor(registry, json, std::cout, std::cerr);
  if (refresh->parsed()) return refresh_token(wanted, json, std::cout, std::cerr);
  if (metrics->parsed()) return show_metrics(std::cout, std::cerr);
  if (version->parsed()) return show_version(std::cout, std::cerr);
  return ExitCode::usage;
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
