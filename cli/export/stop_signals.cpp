#include "cli/export/stop_signals.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <cerrno>
#include <system_error>

namespace purser::cli {
namespace {

FileDescriptor block_and_open()
{
  sigset_t set;
  sigemptyset(&set);
  for (const int each : {SIGTERM, SIGINT, SIGHUP})
    sigaddset(&set, each);
  if (::sigprocmask(SIG_BLOCK, &set, nullptr) != 0) return {};
  return FileDescriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
}

} // namespace

StopSignals::StopSignals() : file_(block_and_open())
{
  if (!file_.is_open()) throw std::system_error(errno, std::generic_category(), "signalfd");
}

bool StopSignals::wait(std::chrono::milliseconds limit) const
{
  pollfd wanted{file_.number(), POLLIN, 0};
  return ::poll(&wanted, 1, static_cast<int>(limit.count())) > 0;
}

} // namespace purser::cli
