#include "cli/woken_daemon.hpp"

#include "cli/helper_program.hpp"

#include <cstdlib>

namespace purser::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto k_look_limit = 5s;
constexpr auto k_helper_limit = 10s; // a helper ends before

} // namespace

Result<ControlClient> woken_daemon(std::chrono::milliseconds limit)
{
  const auto probe = ControlClient::from_environment(k_look_limit);
  if (!probe) return probe.error();
  const auto there = probe->get("/v1/version");
  if (!there && there.error().code == Errc::not_configured) {
    const char* const path = std::getenv("PATH");
    const auto helper = find_helper(path == nullptr ? "" : path);
    if (!helper) return there.error();
    wake_daemon(*helper, k_helper_limit);
  }
  return ControlClient::from_environment(limit);
}

} // namespace purser::cli
