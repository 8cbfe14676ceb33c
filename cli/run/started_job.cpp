#include "cli/run/started_job.hpp"

#include "cli/own_home.hpp"
#include "cli/run/job_clients.hpp"
#include "cli/run/job_config.hpp"
#include "cli/run/job_environment.hpp"
#include "cli/run/keeper.hpp"
#include "cli/run/keeper_program.hpp"
#include "cli/run/listening.hpp"
#include "daemon/config/small_file.hpp"

#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <system_error>
#include <utility>

namespace purser::cli::jobs {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto k_ready_limit = 15s;
constexpr auto k_end_limit = 15s; // a daemon has 5 of them
constexpr std::size_t k_most_said = 4096;

std::string own_variable(const char* name)
{
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string() : value;
}

bool is_there(const std::string& path)
{
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

// What comes until a line end or the end, at most until `deadline`; false where it does not come.
bool read_line(int fd, steady_clock::time_point deadline, std::string& line)
{
  while (line.size() < k_most_said && !line.ends_with('\n')) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    pollfd wanted{fd, POLLIN, 0};
    const int there = left.count() <= 0 ? 0 : ::poll(&wanted, 1, static_cast<int>(left.count()));
    if (there < 0 && errno == EINTR) continue;
    if (there <= 0) return false;
    char each = 0;
    const auto got = ::read(fd, &each, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return true;
    line += each;
  }
  return true;
}

Result<JobVariables> write_files(const JobOrder& order, const std::string& folder)
{
  JobVariables variables;
  const auto config = job_config(order, own_variable);
  if (!config) return config.error();
  if (const auto done = replace_file(folder + k_job_config, *config); !done) return done.error();
  if (const auto done = link_helper(folder, own_variable, variables); !done) return done.error();
  if (order.client_files)
    if (const auto done = write_client_files(folder, *config, own_variable, variables); !done)
      return done.error();
  variables.set.emplace_back("PURSER_SOCKET", folder + k_agent_socket);
  variables.set.emplace_back("PURSER_JOB", folder);
  variables.set.emplace_back("PURSER_NO_START", "1");
  if (!order.region.empty()) {
    variables.set.emplace_back("AWS_REGION", order.region);
    variables.set.emplace_back("AWS_DEFAULT_REGION", order.region);
  }
  return variables;
}

Result<> until_ready(const FileDescriptor& ready)
{
  std::string line;
  if (!read_line(ready.number(), steady_clock::now() + k_ready_limit, line))
    return Error(Errc::timeout, "purserd was started and is not ready");
  if (line == "ready\n") return {};
  if (line.empty()) return Error(Errc::transient, "the keeper of purserd ended at once");
  return Error(Errc::misconfigured, line.substr(0, line.find('\n')));
}

Result<StartedJob> start_in(JobFolder folder, const JobOrder& order, bool tied)
{
  auto variables = write_files(order, folder.path);
  if (!variables) return variables.error();
  auto keeper = start_keeper(folder, order.log, tied);
  if (!keeper) return keeper.error();
  StartedJob job{folder.path, std::move(*variables), std::move(keeper->life),
                 std::move(keeper->ready)};
  auto ready = until_ready(job.ready);
  if (ready) return job;
  (void)end_job(std::move(job)); // the keeper removes the folder, too: not both at once
  return ready.error();
}

} // namespace

Result<StartedJob> start_job(const JobOrder& order, bool tied)
{
  if (const auto own = check_home(); !own) return own.error();
  auto bases = job_bases(own_variable);
  if (!order.folder.empty()) bases = {std::filesystem::absolute(order.folder).string()};
  auto folder = make_job_folder(bases);
  if (!folder) return folder.error();
  const std::string path = folder->path;
  auto job = start_in(std::move(*folder), order, tied);
  if (!job) remove_job_folder(path);
  return job;
}

bool end_job(StartedJob job)
{
  job.life = FileDescriptor();
  std::string nothing;
  (void)read_line(job.ready.number(), steady_clock::now() + k_end_limit, nothing);
  if (!is_there(job.folder) || remove_job_folder(job.folder)) return true;
  std::cerr << "purser: " << job.folder << " could not be removed\n";
  return false;
}

Result<> stop_job(const std::string& folder)
{
  const auto asked = connect_to(folder + k_stop_socket);
  if (asked.is_open()) {
    std::string nothing;
    (void)read_line(asked.number(), steady_clock::now() + k_end_limit, nothing);
  }
  if (!is_there(folder) || remove_if_abandoned(folder)) return {};
  return Error(Errc::transient, folder + " is still there: its daemon did not end");
}

} // namespace purser::cli::jobs
