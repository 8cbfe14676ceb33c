#pragma once

#include "common/socket_path.hpp"
#include "helper/deadline.hpp"
#include "helper/descriptor.hpp"
#include "helper/line.hpp"

#include <string_view>

namespace purser::helper {

// A connection to the daemon, or why there is none.
struct Connection {
  enum class Reach {
    connected,
    absent,    // nobody listens there; one may be started
    forbidden, // nobody listens there, and none may be started
    refused,   // somebody is there whom we do not talk to, or who does not talk to us
    timed_out,
  };

  Reach reach = Reach::absent;
  Descriptor socket;       // open where connected
  Line cause;              // for a person, where not connected
  std::string_view remedy; // what that person can do
};

// Where the daemon of our caller listens.
[[nodiscard]] SocketPath daemon_socket_path();

// Waits until the deadline while the daemon is too busy to accept. The daemon must be
// our own user's, or root's (who listens for a system unit): nothing is ever sent to
// another one.
[[nodiscard]] Connection connect_to(const SocketPath& path, const Deadline& deadline);

// The same without waiting. Where not `connected` nothing else of it means anything.
[[nodiscard]] Connection connect_at_once(const SocketPath& path);

} // namespace purser::helper
