#pragma once

#include "common/result.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// Those that the manager opened for us, or kept from our predecessor.
struct PassedDescriptors {
  std::optional<int> socket; // a listening Unix socket
  std::optional<int> cache;  // a memory (CacheMemory)
};

// What systemd passed on to us (sd_listen_fds(3), sd_notify(3)).
class ServiceManager {
public:
  // Reads LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, NOTIFY_SOCKET and WATCHDOG_* and
  // removes them from the environment, so that no child gets them.
  static ServiceManager from_environment();

  // misconfigured where something was passed that is not what the names say, or not named so:
  // at most one listening socket, of any name, and one memory, `cache`, in any order.
  [[nodiscard]] Result<PassedDescriptors> passed() const;

  // Has the manager keep the descriptor for our successor, which is passed it as `cache`. Success
  // means that it was told and had time to do so; whether the unit allows it
  // (FileDescriptorStoreMax) cannot be asked. Blocks up to two seconds. Any thread may call it.
  [[nodiscard]] Result<> keep(int descriptor) const;
  // Whether it could be asked to.
  [[nodiscard]] bool keeps() const { return descriptors_.has_value() && !notify_path_.empty(); }

  // Whether a service manager started us.
  [[nodiscard]] bool supervised() const
  {
    return descriptors_.has_value() || !notify_path_.empty();
  }

  // The environment of a program that takes our place in this process, so that it is to the
  // manager what we are: it gets descriptors of these names from 3 on.
  [[nodiscard]] std::vector<std::string> passed_on(const std::vector<std::string>& names) const;

  // How often alive() is to be called; nothing where nobody watches.
  [[nodiscard]] std::optional<Duration> watchdog_interval() const { return watchdog_; }

  void ready() const { notify("READY=1"); }
  void reloading() const;
  void stopping() const { notify("STOPPING=1"); }
  void alive() const { notify("WATCHDOG=1"); }

private:
  void notify(std::string_view state) const;
  // False where the message could not be sent.
  [[nodiscard]] bool send(std::string_view state, std::optional<int> descriptor) const;

  std::optional<long> descriptors_; // LISTEN_FDS meant for us; negative: not a number
  std::string names_;               // LISTEN_FDNAMES, empty where nothing is said
  std::string notify_path_;
  std::optional<Duration> watchdog_;
};

} // namespace purser
