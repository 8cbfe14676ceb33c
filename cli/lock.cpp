#include "cli/lock.hpp"

#include "cli/fields.hpp"
#include "cli/passphrase.hpp"
#include "cli/report.hpp"
#include "cli/woken_daemon.hpp"

#include <chrono>
#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_limit = 10s; // the daemon answers before
constexpr const char* k_descriptor_help = "Read the passphrase from this descriptor";

} // namespace

Result<nlohmann::json>
post_with_passphrase(const std::string& path, int descriptor, const std::string& prompt, bool twice)
{
  const auto client = woken_daemon(k_limit);
  if (!client) return client.error();
  auto answer = client->post(path, "");
  if (!answer || text_field(*answer, "outcome") != "passphrase_needed") return answer;
  const auto passphrase = read_passphrase(descriptor, prompt, twice);
  if (!passphrase) return passphrase.error();
  return client->post(path, {passphrase->data(), passphrase->size()});
}

ExitCode lock(int passphrase_descriptor, std::ostream& out, std::ostream& err)
{
  const auto answer = post_with_passphrase("/v1/lock", passphrase_descriptor,
                                           "A passphrase for purser's key: ", true);
  if (!answer) return report(answer.error(), err);
  if (text_field(*answer, "outcome") != "locked") return report(not_understood(), err);
  if (bool_field(*answer, "passphrase_set")) out << "the key is under the passphrase from now on\n";
  out << "locked; to go on: purser unlock\n";
  return ExitCode::success;
}

ExitCode unlock(int passphrase_descriptor, bool remove, std::ostream& out, std::ostream& err)
{
  const auto answer =
      post_with_passphrase(remove ? "/v1/unlock/remove-passphrase" : "/v1/unlock",
                           passphrase_descriptor, "Passphrase for purser's key: ", false);
  if (!answer) return report(answer.error(), err);
  const auto outcome = text_field(*answer, "outcome");
  if (outcome == "removed")
    out << "unlocked; the key needs no passphrase any more\n";
  else if (outcome == "no_passphrase")
    out << "there is no passphrase\n";
  else if (outcome == "not_locked")
    out << "not locked\n";
  else if (outcome == "unlocked")
    out << "unlocked\n";
  else
    return report(not_understood(), err);
  return ExitCode::success;
}

void add_lock(CLI::App& app, Chosen& chosen)
{
  auto descriptor = std::make_shared<int>(-1);
  auto* command = app.add_subcommand("lock", "Forgets the key until: purser unlock");
  command->add_option("--passphrase-fd", *descriptor, k_descriptor_help)
      ->check(descriptor_number());
  command->callback([descriptor, &chosen] {
    chosen = [descriptor] { return lock(*descriptor, std::cout, std::cerr); };
  });
}

void add_unlock(CLI::App& app, Chosen& chosen)
{
  struct Words {
    int descriptor = -1;
    bool remove = false;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("unlock", "Gives the passphrase of the key");
  command->add_option("--passphrase-fd", words->descriptor, k_descriptor_help)
      ->check(descriptor_number());
  command->add_flag("--remove-passphrase", words->remove, "And gives the passphrase up");
  command->callback([words, &chosen] {
    chosen = [words] { return unlock(words->descriptor, words->remove, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
