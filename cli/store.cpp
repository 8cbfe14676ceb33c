#include "cli/store.hpp"

#include "cli/control_client.hpp"
#include "cli/fields.hpp"
#include "cli/recover.hpp"
#include "cli/report.hpp"
#include "cli/rotate_key.hpp"
#include "cli/terminal/busy_line.hpp"
#include "common/protocol.hpp"

#include <unistd.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <thread>

namespace purser::cli {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr auto k_limit = 10s;
constexpr auto k_unlock_limit = 70s; // the daemon ends before
constexpr auto k_pause = 100ms;

std::string below(std::string_view path)
{
  return std::string(protocol::k_store_path) + std::string(path);
}

Json plan_of(const MigrationWords& words)
{
  Json plan;
  plan["to"] = words.to;
  plan["erase_keyring"] = words.erase_keyring;
  plan["conflicts"] = words.keep_target   ? "keep-target"
                      : words.keep_source ? "keep-source"
                                          : "stop";
  return plan;
}

// In one line of a terminal that is written over; a file or a pipe gets the end only.
void show_progress(const Json& migration, bool terminal, std::ostream& err)
{
  if (!terminal) return;
  err << "\r\x1b[K" << text_field(migration, "step") << ' ' << text_field(migration, "done")
      << " of " << text_field(migration, "total") << std::flush;
}

// Until it has ended.
Result<Json> follow(const ControlClient& client, std::ostream& err)
{
  const bool terminal = ::isatty(STDERR_FILENO) != 0;
  for (;;) {
    const auto answer = client.get(below("/migration"));
    if (!answer) return answer.error();
    const auto migration = object_field(*answer, "migration");
    if (migration.empty())
      return Error(Errc::transient, "the daemon was restarted meanwhile, and nothing is lost: run "
                                    "the same command again");
    show_progress(migration, terminal, err);
    if (text_field(migration, "state") != "running") {
      if (terminal) err << "\r\x1b[K";
      return migration;
    }
    std::this_thread::sleep_for(k_pause);
  }
}

} // namespace

void print_store(const nlohmann::json& store, std::ostream& out)
{
  out << "store    " << text_field(store, "description") << '\n'
      << "why      " << text_field(store, "reason") << '\n';
  if (const auto error = text_field(store, "error", ""); !error.empty())
    out << "FAILS    " << error << '\n';
  else
    out << "stored   " << text_field(store, "stored") << '\n';
  if (const auto left = text_field(store, "left_in_file", "0"); left != "0")
    out << "besides  " << left
        << " in the sealed file, which are not looked into; purser store migrate --to "
           "secret-service moves them\n";
}

std::string migration_line(const nlohmann::json& migration)
{
  if (auto error = text_field(migration, "error", ""); !error.empty()) return error;
  if (const auto other = text_field(migration, "not_looked_into", ""); !other.empty())
    return "the store is \"" + text_field(migration, "to") +
           "\" already, and nothing was moved: the other one cannot be looked into (" + other + ")";
  std::string line = "the store is now \"" + text_field(migration, "to") +
                     "\": " + text_field(migration, "copied") + " copied, ";
  return line + text_field(migration, "erased") + " erased where they were";
}

ExitCode show_store(bool json, std::ostream& out, std::ostream& err)
{
  const auto store = ask(protocol::k_store_path);
  if (!store) return report(store.error(), err);
  if (json)
    out << store->dump(2, ' ', true, Json::error_handler_t::replace) << '\n';
  else
    print_store(*store, out);
  return ExitCode::success;
}

ExitCode migrate_store(const MigrationWords& words, std::ostream& out, std::ostream& err)
{
  const auto client = ControlClient::from_environment(k_limit);
  if (!client) return report(client.error(), err);
  const auto begun = client->post_json(below("/migration"), plan_of(words));
  if (!begun) return report(begun.error(), err);
  const auto ended = follow(*client, err);
  if (!ended) return report(ended.error(), err);
  if (text_field(*ended, "state") != "done") {
    err << "purser: " << migration_line(*ended) << '\n';
    return ExitCode::failure;
  }
  out << migration_line(*ended) << '\n';
  return ExitCode::success;
}

ExitCode unlock_store(std::ostream& out, std::ostream& err)
{
  const auto client = ControlClient::from_environment(k_unlock_limit);
  if (!client) return report(client.error(), err);
  const auto unlocked = [&client] {
    const BusyLine busy("waiting for the keyring's dialogue");
    return client->post_json(below("/unlock"), Json::object());
  }();
  if (!unlocked) return report(unlocked.error(), err);
  out << "the keyring is unlocked\n";
  return ExitCode::success;
}

void add_store(CLI::App& app, Chosen& chosen)
{
  auto* command = app.add_subcommand("store", "Where stored credentials lie, and moving them");
  command->require_subcommand(0, 1);
  auto json = std::make_shared<bool>(false);
  const auto show = [json, &chosen] {
    if (!chosen) chosen = [json] { return show_store(*json, std::cout, std::cerr); };
  };
  command->add_flag("--json", *json, "The daemon's answer as it is");
  command->callback(show);
  auto* status = command->add_subcommand("status", "Which store, why, and how many entries");
  status->add_flag("--json", *json, "The daemon's answer as it is");

  auto words = std::make_shared<MigrationWords>();
  auto* migrate = command->add_subcommand("migrate", "Moves all entries to the other store");
  migrate->add_option("--to", words->to, "file or secret-service")
      ->required()
      ->check(CLI::IsMember({"file", "secret-service"}));
  auto* target = migrate->add_flag("--keep-target", words->keep_target,
                                   "Of entries that differ, keep those of the store moved to");
  migrate
      ->add_flag("--keep-source", words->keep_source,
                 "Of entries that differ, keep those of the store moved from")
      ->excludes(target);
  migrate->add_flag("--erase-keyring", words->erase_keyring,
                    "With --to file: erase them in the keyring, for other programs as well");
  migrate->callback([words, &chosen] {
    chosen = [words] { return migrate_store(*words, std::cout, std::cerr); };
  });

  auto* unlock = command->add_subcommand("unlock", "Lets the keyring ask for its password");
  unlock->callback([&chosen] { chosen = [] { return unlock_store(std::cout, std::cerr); }; });
  add_rotate_key(*command, chosen);
  add_recover(*command, chosen);
}

} // namespace purser::cli
