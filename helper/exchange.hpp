#pragma once

#include "helper/deadline.hpp"
#include "helper/request.hpp"
#include "helper/response.hpp"

namespace purser::helper {

enum class Exchange {
  answered,
  broken,    // the daemon went away before its answer was complete
  garbled,   // what came is no answer
  too_large, // of an answer
  timed_out,
};

// Sends `request` over `socket` and receives the answer to it, until the deadline.
[[nodiscard]] Exchange
exchange(int socket, Request& request, Response& response, const Deadline& deadline);

} // namespace purser::helper
