#pragma once

#include "common/socket_path.hpp"
#include "helper/connection.hpp"
#include "helper/deadline.hpp"
#include "helper/line.hpp"
#include "helper/request.hpp"
#include "helper/response.hpp"

#include <string_view>

namespace purser::helper {

// How asking the daemon ended.
struct Ending {
  enum class Kind {
    answered,  // the response is complete
    timed_out, // there is a daemon, and it did not answer in time
    no_daemon, // there is none to be had
  };

  Kind kind = Kind::no_daemon;
  Line cause;              // for a person, where there is no answer
  std::string_view remedy; // what that person can do
};

// With the daemon of our caller.
class Conversation {
public:
  // Connects where a daemon listens, and starts none: it wakes up and looks at who we are while we
  // read what to ask. Never waits. What fails here is tried again, and told, by hold().
  explicit Conversation(const Deadline& deadline);

  // Asks, as often as it takes until the deadline: a daemon that dies while it has our request,
  // or that has waited too long for it, is not noticed by anybody. Every request may be repeated.
  [[nodiscard]] Ending hold(Request& request, Response& response);

private:
  [[nodiscard]] Connection reach();
  [[nodiscard]] Ending attempt(Request& request, Response& response, bool& again);

  const Deadline& deadline_; // outlives it
  bool home_is_foreign_;
  SocketPath path_;
  Connection early_; // of no use once it was used
};

} // namespace purser::helper
