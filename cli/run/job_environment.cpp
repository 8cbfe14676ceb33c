#include "cli/run/job_environment.hpp"

#include "cli/run/keeper.hpp"

#include <cstdlib>
#include <initializer_list>

namespace purser::cli::jobs {
namespace {

void take_over(std::initializer_list<const char*> names, std::vector<std::string>& entries)
{
  for (const char* const name : names)
    if (const char* const value = std::getenv(name); value != nullptr)
      entries.push_back(std::string(name) + "=" + value);
}

} // namespace

std::vector<std::string> daemon_environment(const std::string& folder)
{
  std::vector<std::string> entries{
      "PATH=/usr/local/bin:/usr/bin:/bin",      "PURSER_SOCKET=" + folder + k_agent_socket,
      "PURSER_CONFIG=" + folder + k_job_config, "XDG_RUNTIME_DIR=" + folder,
      "XDG_CONFIG_HOME=" + folder + "/config",  "XDG_STATE_HOME=" + folder + "/state",
      "XDG_DATA_HOME=" + folder + "/data",      "XDG_CACHE_HOME=" + folder + "/cache"};
  take_over({"HOME", "LANG", "LC_ALL"}, entries);
  return entries;
}

std::vector<std::string> keeper_environment(const std::string& folder)
{
  auto entries = daemon_environment(folder);
  take_over({"PURSER_DAEMON", "RUNNER_TRACKING_ID", "BUILD_ID", "JENKINS_NODE_COOKIE",
             "JENKINS_SERVER_COOKIE", "HUDSON_COOKIE", "HUDSON_SERVER_COOKIE"},
            entries);
  return entries;
}

} // namespace purser::cli::jobs
