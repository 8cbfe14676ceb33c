#include "cli/version.hpp"

#include "cli/fields.hpp"
#include "cli/report.hpp"
#include "common/protocol.hpp"
#include "common/version.hpp"

#include <iostream>

namespace purser::cli {

ExitCode show_version(std::ostream& out, std::ostream& err)
{
  out << "purser " << program_version() << " (protocol " << protocol::k_version << ")\n";
  const auto daemon = ask("/v1/version");
  if (daemon)
    out << "purserd " << text_field(*daemon, "version") << " (protocol "
        << text_field(*daemon, "protocol") << ")\n";
  else if (daemon.error().code == Errc::not_configured)
    out << "purserd is not running\n";
  else
    return report(daemon.error(), err);
  return ExitCode::success;
}

void add_version(CLI::App& app, Chosen& chosen)
{
  app.add_subcommand("version", "Of this program and of the daemon")->callback([&chosen] {
    chosen = [] { return show_version(std::cout, std::cerr); };
  });
}

} // namespace purser::cli
