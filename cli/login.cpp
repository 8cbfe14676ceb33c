#include "cli/login.hpp"

#include "cli/control_client.hpp"
#include "cli/fields.hpp"
#include "cli/login_secret.hpp"
#include "cli/refusal.hpp"
#include "cli/report.hpp"
#include "cli/terminal/busy_line.hpp"
#include "cli/woken_daemon.hpp"
#include "common/protocol.hpp"
#include "common/registry_key.hpp"

#include <chrono>
#include <iostream>
#include <memory>
#include <string_view>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;

constexpr auto k_limit = 30s; // the daemon answers before

std::string question(const LoginWish& wish, const std::string& username, std::string_view secret)
{
  Json asked;
  asked["registry"] = wish.registry;
  asked["username"] = username;
  asked["secret"] = secret;
  if (!wish.scope.empty()) asked["scope"] = wish.scope;
  // Bytes that are no text would be another password: the daemon refuses the mark in their place.
  return asked.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Reply> ask_daemon(const LoginWish& wish)
{
  Result<std::string> username = wish.username;
  if (wish.username.empty()) username = ask_username();
  if (!username) return username.error();
  const auto secret = wish.password_stdin ? read_login_secret() : ask_login_secret("Password: ");
  if (!secret) return secret.error();
  const BusyLine busy("showing the login to the registry");
  const auto client = woken_daemon(k_limit);
  if (!client) return client.error();
  return client->post_for_reply(protocol::k_login_path,
                                question(wish, *username, {secret->data(), secret->size()}));
}

} // namespace

ExitCode login_exit_code(const nlohmann::json& answer)
{
  return exit_code_of_outcome(text_field(answer, "outcome"));
}

ExitCode log_in(const LoginWish& wish, std::ostream& out, std::ostream& err)
{
  if (RegistryKey::parse(wish.registry) && has_later_colon(wish.registry)) {
    err << "purser: a registry has no actions; did you mean: --scope REPOSITORY:pull\n";
    return ExitCode::usage;
  }
  if (!names_registry(wish.registry, err)) return ExitCode::usage;
  if (wish.password_stdin && wish.username.empty()) {
    err << "purser: with --password-stdin a user is needed: -u USER\n";
    return ExitCode::usage;
  }
  const auto reply = ask_daemon(wish);
  if (!reply) return report(reply.error(), err);
  if (reply->status != 200) return report_refusal(*reply, err);
  const ExitCode ended = login_exit_code(reply->body);
  if (wish.json)
    out << reply->body.dump(2, ' ', true, Json::error_handler_t::replace) << '\n';
  else if (ended == ExitCode::success)
    out << text_field(reply->body, "conclusion") << '\n';
  else
    err << "purser: " << text_field(reply->body, "conclusion") << '\n';
  return ended;
}

void add_login(CLI::App& app, Chosen& chosen)
{
  auto wish = std::make_shared<LoginWish>();
  auto* command = app.add_subcommand("login", "Verifies a login at its registry, then stores it");
  command->add_option("REGISTRY", wish->registry, "HOST[:PORT][/REPOSITORY]")->required();
  command->add_option("-u,--username", wish->username, "The user; without: asked for");
  command->add_flag("--password-stdin", wish->password_stdin,
                    "The password is all of standard input; without: asked for");
  command->add_option("--scope", wish->scope,
                      "A right that it has to have, as in team/app:pull,push");
  command->add_flag("--json", wish->json, "The daemon's answer as it is");
  command->callback(
      [wish, &chosen] { chosen = [wish] { return log_in(*wish, std::cout, std::cerr); }; });
}

} // namespace purser::cli
