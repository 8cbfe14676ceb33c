#include "cli/job.hpp"

#include "cli/report.hpp"
#include "cli/run.hpp"
#include "cli/run/keeper_program.hpp"
#include "cli/run/started_job.hpp"

#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>

namespace purser::cli {
namespace {

using jobs::VariableFormat;

ExitCode start(const jobs::JobOrder& order, VariableFormat format)
{
  const auto job = jobs::start_job(order, false);
  if (!job) return report(job.error(), std::cerr);
  const auto told = jobs::told(job->variables, format);
  if (told && std::cout << *told << std::flush) return ExitCode::success;
  (void)jobs::stop_job(job->folder);
  return told ? ExitCode::failure : report(told.error(), std::cerr);
}

ExitCode stop()
{
  const char* const folder = std::getenv("PURSER_JOB");
  if (folder == nullptr || *folder != '/' || !jobs::is_job_folder_name(folder)) {
    std::cerr << "purser: PURSER_JOB does not name a job; job start tells its value\n";
    return ExitCode::usage;
  }
  const auto stopped = jobs::stop_job(folder);
  return stopped ? ExitCode::success : report(stopped.error(), std::cerr);
}

VariableFormat format_of(const std::string& word)
{
  return word == "github" ? VariableFormat::github
         : word == "env"  ? VariableFormat::env
                          : VariableFormat::sh;
}

void add_start(CLI::App& job, Chosen& chosen)
{
  struct Words {
    jobs::JobOrder order;
    std::string format = "sh";
  };
  auto words = std::make_shared<Words>();
  auto* command = job.add_subcommand("start", "Starts it, and prints the job's variables");
  add_order(*command, words->order);
  command
      ->add_option("--format", words->format,
                   "sh: for eval; env: NAME=VALUE; github: for the steps after this one")
      ->check(CLI::IsMember({"sh", "env", "github"}))
      ->capture_default_str();
  command->callback([words, &chosen] {
    chosen = [words] { return start(words->order, format_of(words->format)); };
  });
}

// What a keeper runs as; nobody else has a use for it.
void add_keep(CLI::App& job, Chosen& chosen)
{
  struct Words {
    std::string folder;
    std::string log;
    bool tied = false;
  };
  auto words = std::make_shared<Words>();
  auto* command = job.add_subcommand("keep", "Keeps it")->group("");
  command->add_option("FOLDER", words->folder)->required();
  command->add_option("--log", words->log);
  command->add_flag("--tied", words->tied);
  command->callback([words, &chosen] {
    chosen = [words] {
      return static_cast<ExitCode>(
          jobs::keep(jobs::keeper_order(words->folder, words->log, words->tied)));
    };
  });
}

} // namespace

void add_job(CLI::App& app, Chosen& chosen)
{
  auto* job = app.add_subcommand("job", "A daemon of a job's own, for jobs of several steps");
  job->require_subcommand(1);
  add_start(*job, chosen);
  job->add_subcommand("stop", "Stops that of PURSER_JOB, and removes all that it had")
      ->callback([&chosen] { chosen = stop; });
  add_keep(*job, chosen);
}

} // namespace purser::cli
