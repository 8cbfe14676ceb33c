#include "cli/version.hpp"

#include "cli/fields.hpp"
#include "cli/report.hpp"
#include "common/protocol.hpp"
#include "common/version.hpp"

#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

void print_json(const nlohmann::json* daemon, std::ostream& out)
{
  nlohmann::json json;
  json["purser"] = {{"version", program_version()}, {"protocol", protocol::k_version}};
  json["purserd"] = daemon == nullptr ? nlohmann::json(nullptr) : *daemon;
  out << json.dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
}

void print_text(const nlohmann::json* daemon, std::ostream& out)
{
  out << "purser " << program_version() << " (protocol " << protocol::k_version << ")\n";
  if (daemon == nullptr)
    out << "purserd is not running\n";
  else
    out << "purserd " << text_field(*daemon, "version") << " (protocol "
        << text_field(*daemon, "protocol") << ")\n";
}

} // namespace

ExitCode show_version(bool json, std::ostream& out, std::ostream& err)
{
  const auto print = json ? print_json : print_text;
  const auto daemon = ask("/v1/version");
  if (daemon || daemon.error().code == Errc::not_configured) {
    print(daemon ? &*daemon : nullptr, out);
    return ExitCode::success;
  }
  if (!json) out << "purser " << program_version() << " (protocol " << protocol::k_version << ")\n";
  return report(daemon.error(), err);
}

void add_version(CLI::App& app, Chosen& chosen)
{
  auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("version", "Of this program and of the daemon");
  command->add_flag("--json", *json, "For scripts; null for a daemon that does not run");
  command->callback(
      [json, &chosen] { chosen = [json] { return show_version(*json, std::cout, std::cerr); }; });
}

} // namespace purser::cli
