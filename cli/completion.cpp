#include "cli/completion.hpp"

#include "cli/completion/described.hpp"
#include "cli/completion/walk.hpp"
#include "cli/control_client.hpp"
#include "cli/fields.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 1s; // somebody waits with a finger on the key

// Shells paste it into a line: nothing but what the name of a registry is made of.
bool is_harmless(std::string_view name)
{
  constexpr std::string_view k_letters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:/";
  return !name.empty() && name.front() != '-' &&
         name.find_first_not_of(k_letters) == std::string_view::npos;
}

ExitCode print_script(const std::string& shell, const CLI::App& app, std::ostream& out)
{
  const Described program = described(app);
  if (shell == "bash") out << bash_completion(program);
  if (shell == "zsh") out << zsh_completion(program);
  if (shell == "fish") out << fish_completion(program);
  return out.flush() ? ExitCode::success : ExitCode::failure;
}

} // namespace

ExitCode list_registries(std::ostream& out)
{
  const auto client = ControlClient::from_environment(k_limit);
  if (!client) return ExitCode::success;
  const auto status = client->get("/v1/status");
  if (!status) return ExitCode::success;
  std::set<std::string> names;
  for (const auto& entry : list_field(*status, "entries")) {
    const auto found = entry.find("registries");
    if (found == entry.end() || !found->is_array()) continue;
    for (const auto& name : *found)
      if (name.is_string() && is_harmless(name.get_ref<const std::string&>()))
        names.insert(name.get<std::string>());
  }
  for (const auto& name : names)
    out << name << '\n';
  return ExitCode::success;
}

void add_completion(CLI::App& app, Chosen& chosen)
{
  auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "What a shell completes purser's words with");
  auto* name = command->add_option("SHELL", *shell, "bash, zsh or fish");
  name->check(CLI::IsMember({"bash", "zsh", "fish"}));
  // For the scripts; in no group, so that nobody is told of it.
  command->add_subcommand("registries")->group("")->callback([&chosen] {
    chosen = [] { return list_registries(std::cout); };
  });
  command->callback([shell, &app, &chosen] {
    if (chosen) return;
    if (shell->empty()) throw CLI::RequiredError("bash, zsh or fish");
    chosen = [shell, &app] { return print_script(*shell, app, std::cout); };
  });
}

} // namespace purser::cli
