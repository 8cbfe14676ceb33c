#pragma once

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

// Asks the daemon, as often as it takes until the deadline: a daemon that dies while it
// has our request is not noticed by anybody. Every request may be repeated.
[[nodiscard]] Ending converse(Request& request, Response& response, const Deadline& deadline);

} // namespace purser::helper
