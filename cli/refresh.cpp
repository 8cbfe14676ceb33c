#include "cli/refresh.hpp"

#include "cli/control_client.hpp"
#include "cli/fields.hpp"
#include "cli/refusal.hpp"
#include "cli/report.hpp"
#include "cli/terminal/busy_line.hpp"
#include "common/protocol.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <string>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 10s; // the daemon answers before

} // namespace

ExitCode refresh_exit_code(const nlohmann::json& answer)
{
  return exit_code_of_outcome(text_field(answer, "outcome"));
}

std::string refresh_line(const nlohmann::json& answer)
{
  std::string line = text_field(answer, "registry");
  if (const auto identity = text_field(answer, "identity", ""); !identity.empty())
    line += " (" + identity + ", " + text_field(answer, "source") + ")";
  return line + ": " + text_field(answer, "conclusion");
}

ExitCode refresh_token(const std::string& registry, bool json, std::ostream& out, std::ostream& err)
{
  if (!names_registry(registry, err)) return ExitCode::usage;
  const auto client = ControlClient::from_environment(k_limit);
  if (!client) return report(client.error(), err);
  const auto answer = [&client, &registry] {
    const BusyLine busy("obtaining a new token");
    return client->post(protocol::k_refresh_path, registry);
  }();
  if (!answer) return report(answer.error(), err);
  const ExitCode ended = refresh_exit_code(*answer);
  if (json)
    out << answer->dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
  else if (ended == ExitCode::success)
    out << refresh_line(*answer) << '\n';
  else
    err << "purser: " << refresh_line(*answer) << '\n';
  return ended;
}

void add_refresh(CLI::App& app, Chosen& chosen)
{
  struct Words {
    std::string registry;
    bool json = false;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("refresh", "Obtains a new token now");
  command->add_option("REGISTRY", words->registry, "HOST[:PORT][/REPOSITORY]")->required();
  command->add_flag("--json", words->json, "The daemon's answer as it is");
  command->callback([words, &chosen] {
    chosen = [words] { return refresh_token(words->registry, words->json, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
