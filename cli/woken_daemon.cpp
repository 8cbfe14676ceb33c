#include "cli/woken_daemon.hpp"

#include "cli/helper_program.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto k_look_limit = 5s;
constexpr auto k_helper_limit = 10s; // of all its runs; each ends before

std::optional<std::string> installed_helper()
{
  const char* const path = std::getenv("PATH");
  return find_helper(path == nullptr ? "" : path);
}

Error none_at(const std::string& socket, const std::string& why)
{
  return {Errc::not_configured, "no daemon listens at " + socket + why};
}

Error without_helper(const std::string& socket)
{
  return none_at(socket, ", and docker-credential-purser, which would start one, is not on PATH");
}

Error not_started(const std::string& helper,
                  const std::string& socket,
                  std::chrono::milliseconds limit)
{
  const auto why = why_no_daemon(helper, limit);
  return none_at(socket, " and none could be started: " +
                             why.value_or("run `purserd` to see what it says"));
}

// Whether somebody listens.
Result<bool> look(const ControlClient& client)
{
  const auto there = client.get("/v1/version");
  if (there || there.error().code == Errc::internal) return true; // it answers
  if (there.error().code == Errc::not_configured) return false;
  return there.error();
}

} // namespace

Result<ControlClient> woken_daemon(std::chrono::milliseconds limit)
{
  const auto probe = ControlClient::from_environment(k_look_limit);
  if (!probe) return probe.error();
  auto there = look(*probe);
  if (!there) return there.error();
  if (*there || starts_are_forbidden()) return ControlClient::from_environment(limit);

  const auto helper = installed_helper();
  if (!helper) return without_helper(probe->socket());
  const auto deadline = steady_clock::now() + k_helper_limit;
  wake_daemon(*helper, k_helper_limit);
  there = look(*probe);
  if (!there) return there.error();
  if (*there) return ControlClient::from_environment(limit);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
  return not_started(*helper, probe->socket(), std::max<std::chrono::milliseconds>(left, 1ms));
}

Error with_reason(const Error& error)
{
  if (error.code != Errc::not_configured || starts_are_forbidden()) return error;
  const auto client = ControlClient::from_environment(k_look_limit);
  if (!client) return client.error();
  const auto helper = installed_helper();
  return helper ? not_started(*helper, client->socket(), k_helper_limit)
                : without_helper(client->socket());
}

} // namespace purser::cli
