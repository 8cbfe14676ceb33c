#pragma once

#include "common/result.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace purser {

// What systemd passed on to us (sd_listen_fds(3), sd_notify(3)).
class ServiceManager {
public:
  // Reads LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES, NOTIFY_SOCKET and WATCHDOG_* and
  // removes them from the environment, so that no child gets them.
  static ServiceManager from_environment();

  // The listening Unix socket that was handed to us; nothing where none was.
  // misconfigured where something was handed to us that is not one such socket.
  [[nodiscard]] Result<std::optional<int>> listening_socket() const;

  // Whether a service manager started us.
  [[nodiscard]] bool supervised() const { return sockets_.has_value() || !notify_path_.empty(); }

  // How often alive() is to be called; nothing where nobody watches.
  [[nodiscard]] std::optional<Duration> watchdog_interval() const { return watchdog_; }

  void ready() const { notify("READY=1"); }
  void reloading() const;
  void stopping() const { notify("STOPPING=1"); }
  void alive() const { notify("WATCHDOG=1"); }

private:
  void notify(std::string_view state) const;

  std::optional<long> sockets_; // LISTEN_FDS meant for us; negative: not a number
  std::string notify_path_;
  std::optional<Duration> watchdog_;
};

} // namespace purser
