#include "cli/namespaces.hpp"

#include "cli/control_client.hpp"
#include "cli/fields.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"
#include "cli/woken_daemon.hpp"
#include "common/namespace_name.hpp"
#include "common/protocol.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 10s; // the daemon answers before
constexpr const char* k_clear_path = "/v1/namespaces/clear";

ExitCode
clear(const ControlClient& client, const std::string& name, std::ostream& out, std::ostream& err)
{
  const auto answer = client.post(k_clear_path, name);
  if (!answer) return report(answer.error(), err);
  out << "namespace " << text_field(*answer, "namespace") << ": " << text_field(*answer, "cleared")
      << " erased\n";
  return ExitCode::success;
}

} // namespace

void print_namespaces(const nlohmann::json& answer, std::ostream& out)
{
  const auto spaces = list_field(answer, "namespaces");
  if (spaces.empty()) {
    out << "no namespace holds anything\n";
    return;
  }
  Table table({"STORED", "OVERRIDES", "NAMESPACE"});
  for (const auto& space : spaces)
    table.add(
        {text_field(space, "stored"), text_field(space, "overrides"), text_field(space, "name")});
  table.print(out);
}

ExitCode list_namespaces(bool json, std::ostream& out, std::ostream& err)
{
  const auto client = woken_daemon(k_limit);
  if (!client) return report(client.error(), err);
  const auto answer = client->get(protocol::k_namespaces_path);
  if (!answer) return report(answer.error(), err);
  if (json)
    out << answer->dump(2) << '\n';
  else
    print_namespaces(*answer, out);
  return ExitCode::success;
}

ExitCode clear_namespace(const std::string& name, std::ostream& out, std::ostream& err)
{
  if (!is_namespace(name)) {
    err << "purser: a namespace has " << k_namespace_form << '\n';
    return ExitCode::usage;
  }
  const auto client = woken_daemon(k_limit);
  if (!client) return report(client.error(), err);
  return clear(*client, name, out, err);
}

ExitCode clear_all_namespaces(std::ostream& out, std::ostream& err)
{
  const auto client = woken_daemon(k_limit);
  if (!client) return report(client.error(), err);
  const auto answer = client->get(protocol::k_namespaces_path);
  if (!answer) return report(answer.error(), err);
  ExitCode ended = ExitCode::success;
  for (const auto& space : list_field(*answer, "namespaces"))
    if (const ExitCode code = clear(*client, text_field(space, "name"), out, err);
        code != ExitCode::success)
      ended = code;
  return ended;
}

void add_namespace(CLI::App& app, Chosen& chosen)
{
  struct Words {
    std::string name;
    bool all = false;
    bool json = false;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("namespace", "What jobs stored apart (PURSER_NAMESPACE)");
  command->require_subcommand(1);
  auto* list = command->add_subcommand("list", "The namespaces and how much they hold");
  list->add_flag("--json", words->json, "The daemon's answer as it is");
  list->callback([words, &chosen] {
    chosen = [words] { return list_namespaces(words->json, std::cout, std::cerr); };
  });
  auto* clear = command->add_subcommand("clear", "Erases all that is stored in one");
  auto* name = clear->add_option("NAME", words->name, "The namespace");
  auto* all = clear->add_flag("--all", words->all, "Every namespace");
  name->excludes(all);
  clear->callback([words, &chosen] {
    if (words->name.empty() && !words->all) throw CLI::RequiredError("NAME or --all");
    chosen = [words] {
      return words->all ? clear_all_namespaces(std::cout, std::cerr)
                        : clear_namespace(words->name, std::cout, std::cerr);
    };
  });
}

} // namespace purser::cli
