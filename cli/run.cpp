#include "cli/run.hpp"

#include "cli/run/command_child.hpp"
#include "cli/run/started_job.hpp"
#include "common/region_name.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>
#include <utility>

namespace purser::cli {
namespace {

constexpr const char* k_footer = "Example:\n  purser run -- docker push REGISTRY/IMAGE\n\n"
                                 "Ends as COMMAND does, with 128 and the number of the signal that "
                                 "ended it, or with:\n"
                                 "  2    the command line is wrong\n"
                                 "  125  purser could not begin; standard error says why\n"
                                 "  126  COMMAND cannot be run\n"
                                 "  127  there is no such COMMAND\n";
constexpr std::string_view k_dashes = "--";
char k_hidden[] = "\x01--"; // in the place of the first "--"

// The command, as it was written.
std::vector<std::string> command_of(std::vector<std::string> words)
{
  if (!words.empty() && words.front() == k_hidden) words.erase(words.begin());
  std::replace(words.begin(), words.end(), std::string(k_hidden), std::string(k_dashes));
  return words;
}

// Options end at the first word that is none: what looks like one there is mistyped.
void refuse_unknown_option(const std::vector<std::string>& words)
{
  if (words.empty() || words.front().size() < 2 || words.front().front() != '-') return;
  const auto& option = words.front();
  throw CLI::ExtrasError({option.substr(0, option.find('='))}); // a value may be anything
}

CLI::Validator region()
{
  return {[](const std::string& text) {
            return std::string(
                is_region_name(text) ? "" : "is not the name of a region, such as us-east-1");
          },
          ""};
}

} // namespace

void hide_dashes(int argc, char** argv)
{
  if (argc < 2 || std::string_view(argv[1]) != "run") return;
  for (int i = 2; i < argc; ++i) {
    if (argv[i] != k_dashes) continue;
    argv[i] = k_hidden;
    return;
  }
}

ExitCode run_job(const jobs::JobOrder& order, const std::vector<std::string>& words)
{
  jobs::hold_signals();
  auto job = jobs::start_job(order, true);
  if (!job) {
    std::cerr << "purser: " << job.error().what << '\n';
    return static_cast<ExitCode>(jobs::k_run_failed);
  }
  job->variables.apply();
  const int code = jobs::run_command(words);
  (void)jobs::end_job(std::move(*job)); // it says so itself; the command's code counts
  return static_cast<ExitCode>(code);
}

void add_order(CLI::App& command, jobs::JobOrder& order)
{
  command.add_option("--config", order.config, "The configuration; otherwise the user's");
  auto* role =
      command.add_option("--role", order.role, "A role that tokens are obtained with, by its ARN");
  command
      .add_option("--web-identity", order.web_identity,
                  "Whom the role is asked for as: github, env:NAME, file:PATH or none")
      ->needs(role);
  command.add_option("--audience", order.audience, "Whom GitHub's token is for")->needs(role);
  command.add_option("--registry", order.registries, "What the role is for; otherwise Amazon ECR")
      ->allow_extra_args(false) // one each time: the command follows
      ->needs(role);
  command.add_option("--region", order.region, "AWS_REGION of the job")->check(region());
  command.add_option("--folder", order.folder, "Where the job's folder is made");
  command.add_option("--log", order.log, "The file that the daemon's log is appended to");
  command.add_flag_callback(
      "--no-client-files", [&order] { order.client_files = false; },
      "Leave DOCKER_CONFIG and its like as they are");
}

void add_run(CLI::App& app, Chosen& chosen)
{
  struct Words {
    jobs::JobOrder order;
    std::vector<std::string> command;
  };
  auto words = std::make_shared<Words>();
  auto* command = app.add_subcommand("run", "Runs a command with a daemon of its own");
  add_order(*command, words->order);
  command->prefix_command();
  command->footer(k_footer);
  command->callback([command, words, &chosen] {
    refuse_unknown_option(command->remaining());
    words->command = command_of(command->remaining());
    if (words->command.empty()) throw CLI::RequiredError("COMMAND");
    chosen = [words] { return run_job(words->order, words->command); };
  });
}

} // namespace purser::cli
