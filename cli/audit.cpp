#include "cli/audit.hpp"

#include "cli/fields.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"

#include <iostream>
#include <memory>

namespace purser::cli {

void print_audit(const nlohmann::json& audit, std::ostream& out)
{
  const auto events = list_field(audit, "events");
  if (events.empty()) {
    out << "no requests yet\n";
    return;
  }
  Table table(
      {"TIME", "UID", "PID", "PROGRAM", "VERB", "REGISTRY", "PROVIDER", "SOURCE", "OUTCOME"});
  for (const auto& event : events)
    table.add({text_field(event, "at"), text_field(event, "uid"), text_field(event, "pid"),
               text_field(event, "executable"), text_field(event, "verb"),
               text_field(event, "registry"), text_field(event, "provider"),
               text_field(event, "source"), text_field(event, "outcome")});
  table.print(out);
}

ExitCode show_audit(bool json, std::ostream& out, std::ostream& err)
{
  const auto audit = ask("/v1/audit");
  if (!audit) return report(audit.error(), err);
  if (json)
    out << audit->dump(2) << '\n';
  else
    print_audit(*audit, out);
  return ExitCode::success;
}

void add_audit(CLI::App& app, Chosen& chosen)
{
  auto json = std::make_shared<bool>(false);
  auto* command = app.add_subcommand("audit", "Who asked for what, oldest first");
  command->add_flag("--json", *json, "The daemon's answer as it is");
  command->callback(
      [json, &chosen] { chosen = [json] { return show_audit(*json, std::cout, std::cerr); }; });
}

} // namespace purser::cli
