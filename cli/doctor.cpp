#include "cli/doctor.hpp"

#include "cli/control_client.hpp"
#include "cli/doctor_screen.hpp"
#include "cli/doctor_subject.hpp"
#include "cli/fields.hpp"
#include "cli/helper_program.hpp"
#include "cli/refusal.hpp"
#include "cli/report.hpp"
#include "cli/table.hpp"
#include "cli/terminal/busy_line.hpp"
#include "cli/woken_daemon.hpp"
#include "common/protocol.hpp"
#include "common/registry_key.hpp"
#include "common/version.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace purser::cli {
namespace {

using Json = nlohmann::json;
using namespace std::chrono_literals;

constexpr auto k_limit = 60s; // the daemon ends before
constexpr auto k_version_limit = 3s;

Json step(std::string_view topic, std::string_view state, const std::string& text)
{
  return Json{{"topic", topic}, {"state", state}, {"text", text}};
}

// What clients would run, which is no fault of the daemon where it is missing.
Json helper_step()
{
  const char* path = std::getenv("PATH");
  const auto helper = find_helper(path == nullptr ? "" : path);
  if (!helper)
    return step("helper", "warning",
                "docker-credential-purser is not on PATH: docker cannot run it");
  const auto version = version_of(*helper, k_version_limit);
  if (!version) return step("helper", "warning", *helper + " does not say its version");
  if (*version == program_version()) return step("helper", "ok", *helper + ", version " + *version);
  return step("helper", "warning",
              *helper + " has version " + *version + ", this program " +
                  std::string(program_version()) + ": install both from one release");
}

Json version_step(const Json& report)
{
  const auto version = text_field(report, "version");
  if (version == program_version()) return step("version", "ok", "all programs have " + version);
  return step("version", "warning",
              "the daemon has " + version + ", this program " + std::string(program_version()) +
                  ": stop the daemon, the next request starts the new");
}

// What is left to say where no daemon answered.
Json report_without_daemon(const std::optional<std::string>& registry, const Error& error)
{
  const bool none = error.code == Errc::not_configured; // else one may run that cannot be asked
  Json report;
  report["version"] = nullptr;
  report["registry"] = registry ? Json(RegistryKey::parse(*registry)->text()) : Json(nullptr);
  report["steps"] = Json::array({step("daemon", "failed", error.what), helper_step()});
  report["provider"] = nullptr;
  report["principal"] = nullptr;
  report["token"] = nullptr;
  report["outcome"] = none ? "no_daemon" : "unknown";
  report["code"] = to_string(error.code);
  report["conclusion"] =
      none ? "No daemon can be asked: " + error.what
           : "The daemon gives no report (" + error.what + "); compare: purser version";
  return report;
}

// The daemon's answer with what only this side can see.
Json completed(const Json& answer)
{
  Json report = answer;
  Json steps = list_field(answer, "steps");
  const auto after_daemon = steps.begin() + (steps.empty() ? 0 : 1);
  const auto at = steps.insert(after_daemon, version_step(answer));
  steps.insert(at + 1, helper_step());
  report["steps"] = std::move(steps);
  return report;
}

// bad_request where the daemon finds no fault but the command line's.
Result<Json> access_of(const std::string& target)
{
  const auto client = woken_daemon(k_limit);
  if (!client) return client.error();
  const auto question = Json{{"target", target}};
  auto reply = client->post_for_reply(
      protocol::k_access_path, question.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (!reply) return reply.error();
  if (reply->status == 200) return std::move(reply->body);
  return Error(reply->status == 400 ? Errc::bad_request : Errc::internal, told_error(*reply));
}

// Looking starts no daemon; whoever asks what a registry allows wants to know that.
Result<Json> answer_of(const DoctorSubject& subject)
{
  if (subject.has_actions()) return access_of(*subject.asked());
  const auto client = ControlClient::from_environment(k_limit);
  if (!client) return client.error();
  return client->post(protocol::k_doctor_path, subject.asked().value_or(""));
}

} // namespace

void print_doctor(const nlohmann::json& report, std::ostream& out)
{
  Table table({"WHAT", "STATE", "FINDING"});
  for (const auto& each : list_field(report, "steps"))
    table.add({text_field(each, "topic"), text_field(each, "state"), text_field(each, "text")});
  table.print(out);
  out << '\n' << text_field(report, "conclusion") << '\n';
}

ExitCode exit_code_of(const nlohmann::json& report)
{
  return exit_code_of_outcome(text_field(report, "outcome"));
}

ExitCode show_doctor(const std::optional<std::string>& asked,
                     bool json,
                     std::ostream& out,
                     std::ostream& err)
{
  const DoctorSubject subject(asked);
  if (asked && !names_registry(*subject.registry(), err)) return ExitCode::usage;
  const auto answer = [&subject] {
    const BusyLine busy("looking at each step");
    return answer_of(subject);
  }();
  if (!answer && answer.error().code == Errc::bad_request) {
    err << "purser: " << answer.error().what << '\n';
    return ExitCode::usage;
  }
  const Json report =
      answer ? completed(*answer) : report_without_daemon(subject.registry(), answer.error());
  if (json)
    // In ASCII: names that came from outside must not command a terminal.
    out << report.dump(2, ' ', true, Json::error_handler_t::replace) << '\n';
  else if (const Look look = look_at(STDOUT_FILENO, ColourWish::automatic); look.terminal)
    print_lines(doctor_screen(report, look), look, out);
  else
    print_doctor(report, out);
  return exit_code_of(report);
}

void add_doctor(CLI::App& app, Chosen& chosen)
{
  struct Words {
    std::optional<std::string> registry;
    bool json = false;
  };
  auto words = std::make_shared<Words>();
  auto* command =
      app.add_subcommand("doctor", "What a registry's client would be answered, and why");
  command->add_option("REGISTRY", words->registry,
                      "HOST[:PORT][/REPOSITORY]; HOST[:PORT]/REPOSITORY:pull,push,delete asks the "
                      "registry what it allows; without: the daemon itself");
  command->add_flag("--json", words->json, "The report for scripts");
  command->callback([words, &chosen] {
    chosen = [words] { return show_doctor(words->registry, words->json, std::cout, std::cerr); };
  });
}

} // namespace purser::cli
