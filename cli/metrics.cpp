#include "cli/metrics.hpp"

#include "cli/control_client.hpp"
#include "cli/report.hpp"
#include "common/protocol.hpp"

#include <iostream>

namespace purser::cli {

ExitCode show_metrics(std::ostream& out, std::ostream& err)
{
  const auto client = ControlClient::from_environment();
  if (!client) return report(client.error(), err);
  const auto text = client->get_text(protocol::k_metrics_path);
  if (!text) return report(text.error(), err);
  out << *text;
  return ExitCode::success;
}

void add_metrics(CLI::App& app, Chosen& chosen)
{
  app.add_subcommand("metrics", "What Prometheus would be told")->callback([&chosen] {
    chosen = [] { return show_metrics(std::cout, std::cerr); };
  });
}

} // namespace purser::cli
