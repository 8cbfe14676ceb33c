#include "cli/token.hpp"

#include "cli/control_client.hpp"
#include "cli/fields.hpp"
#include "cli/refusal.hpp"
#include "cli/report.hpp"
#include "cli/terminal/busy_line.hpp"
#include "cli/woken_daemon.hpp"
#include "common/protocol.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <iostream>
#include <memory>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;
using Json = nlohmann::json;
using Form = TokenWish::Form;

constexpr auto k_limit = 10s; // the daemon answers before

std::string question(const TokenWish& wish)
{
  Json asked;
  asked["target"] = wish.target;
  if (!wish.scopes.empty()) asked["scopes"] = wish.scopes;
  if (wish.anonymous) asked["anonymous"] = true;
  return asked.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// What stands in the answer as it is: a token is no text for people.
std::string_view raw(const Json& answer, const char* name)
{
  const auto found = answer.find(name);
  if (found == answer.end() || !found->is_string()) return {};
  return found->get_ref<const std::string&>();
}

ExitCode print(const Json& answer, Form form, std::ostream& out, std::ostream& err)
{
  const auto registry = text_field(answer, "registry");
  const auto scheme = raw(answer, "scheme");
  if (form == Form::json) {
    out << answer.dump(2, ' ', true, Json::error_handler_t::replace) << '\n';
  } else if (scheme == "none") {
    err << "purser: " << registry << " asks nobody who they are: there is nothing to send\n";
  } else if (form == Form::header) {
    out << raw(answer, "header") << '\n';
  } else if (scheme == "bearer") {
    out << raw(answer, "token") << '\n';
  } else {
    err << "purser: " << registry
        << " takes user name and password, no token; the header with both: --header\n";
    return ExitCode::failure;
  }
  if (!out.flush()) {
    err << "purser: the token cannot be written to standard output\n";
    return ExitCode::failure;
  }
  return ExitCode::success;
}

} // namespace

ExitCode show_token(const TokenWish& wish, std::ostream& out, std::ostream& err)
{
  const auto client = woken_daemon(k_limit);
  if (!client) return report(client.error(), err);
  const auto reply = [&client, &wish] {
    const BusyLine busy("obtaining a token");
    return client->post_for_reply(protocol::k_token_path, question(wish));
  }();
  if (!reply) return report(reply.error(), err);
  if (reply->status != 200) return report_refusal(*reply, err);
  return print(reply->body, wish.form, out, err);
}

void add_token(CLI::App& app, Chosen& chosen)
{
  struct Words {
    TokenWish wish;
    bool header = false;
    bool json = false;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("token", "A registry's token for scripts");
  command
      ->add_option("TARGET", words->wish.target,
                   "REGISTRY/REPOSITORY[:pull,push,delete], or REGISTRY; without actions: pull")
      ->required();
  command
      ->add_option("--scope", words->wish.scopes,
                   "One more scope, as in repository:team/base:pull or registry:catalog:*")
      ->allow_extra_args(false);
  command->add_flag("--anonymous", words->wish.anonymous, "As nobody, whatever is stored");
  auto* header = command->add_flag("--header", words->header,
                                   "The whole header, for: curl -H @<(purser token --header ...)");
  command->add_flag("--json", words->json, "The answer for scripts, with the token and its end")
      ->excludes(header);
  command->callback([words, &chosen] {
    if (words->header) words->wish.form = Form::header;
    if (words->json) words->wish.form = Form::json;
    chosen = [words] { return show_token(words->wish, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
