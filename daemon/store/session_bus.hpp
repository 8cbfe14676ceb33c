#pragma once

#include <string>
#include <vector>

namespace purser {

// Where this session's bus would be. A Secret Service is reached through it, and nothing is
// started to look for one where there is no bus.
class SessionBus {
public:
  // Of `NAME=VALUE` entries: an address in DBUS_SESSION_BUS_ADDRESS, else $XDG_RUNTIME_DIR/bus.
  explicit SessionBus(const std::vector<std::string>& environment);

  // Whether there may be one. Blocks.
  [[nodiscard]] bool at_hand() const;
  // The socket whose coming would change that; empty where nothing would.
  [[nodiscard]] const std::string& awaited() const { return socket_; }

private:
  bool named_ = false; // by its address
  std::string socket_;
};

} // namespace purser
