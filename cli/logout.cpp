#include "cli/logout.hpp"

#include "cli/control_client.hpp"
#include "cli/fields.hpp"
#include "cli/refusal.hpp"
#include "cli/report.hpp"
#include "cli/woken_daemon.hpp"
#include "common/protocol.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 10s; // the daemon answers before

} // namespace

ExitCode log_out(const std::string& registry, std::ostream& out, std::ostream& err)
{
  if (!names_registry(registry, err)) return ExitCode::usage;
  const auto client = woken_daemon(k_limit);
  if (!client) return report(client.error(), err);
  const auto reply = client->post_for_reply(protocol::k_logout_path, registry);
  if (!reply) return report(reply.error(), err);
  if (reply->status != 200) return report_refusal(*reply, err);
  out << text_field(reply->body, "conclusion") << '\n';
  return ExitCode::success;
}

void add_logout(CLI::App& app, Chosen& chosen)
{
  auto registry = std::make_shared<std::string>();
  auto* command = app.add_subcommand("logout", "Erases what is stored for a registry");
  command->add_option("REGISTRY", *registry, "HOST[:PORT][/REPOSITORY]")->required();
  command->callback([registry, &chosen] {
    chosen = [registry] { return log_out(*registry, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
