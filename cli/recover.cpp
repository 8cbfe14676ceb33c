#include "cli/recover.hpp"

#include "cli/fields.hpp"
#include "cli/lock.hpp"
#include "cli/report.hpp"
#include "cli/woken_daemon.hpp"
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

void print_recovery(const nlohmann::json& answer, std::ostream& out)
{
  if (text_field(answer, "outcome") != "recovered") {
    out << "nothing is damaged; nothing was changed\n";
    return;
  }
  out << "kept " << text_field(answer, "kept") << ", lost " << text_field(answer, "lost_records")
      << "; the damaged file is now " << text_field(answer, "set_aside") << '\n';
  const auto lost = answer.find("lost");
  if (lost == answer.end() || !lost->is_array()) return;
  for (const auto& name : *lost)
    if (name.is_string())
      out << "log in again: " << printable(name.get_ref<const std::string&>()) << '\n';
}

ExitCode recover_store(bool json, std::ostream& out, std::ostream& err)
{
  const auto client = woken_daemon(k_limit);
  if (!client) return report(client.error(), err);
  const auto answer = client->post(protocol::k_recover_path, "");
  if (!answer) return report(answer.error(), err);
  const auto outcome = text_field(*answer, "outcome");
  if (outcome != "recovered" && outcome != "undamaged") return report(not_understood(), err);
  if (json)
    out << answer->dump(2, ' ', true, nlohmann::json::error_handler_t::replace) << '\n';
  else
    print_recovery(*answer, out);
  return ExitCode::success;
}

void add_recover(CLI::App& store, Chosen& chosen)
{
  auto json = std::make_shared<bool>(false);
  auto* command = store.add_subcommand("recover", "Saves what still opens of a damaged store");
  command->add_flag("--json", *json, "The daemon's answer as it is");
  command->callback(
      [json, &chosen] { chosen = [json] { return recover_store(*json, std::cout, std::cerr); }; });
}

} // namespace purser::cli
