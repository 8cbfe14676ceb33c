#pragma once

#include "common/wiping.hpp"
#include "daemon/observe/shared_text.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/awaitable.hpp>

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace purser {

// The process at the other end of a connection, as the kernel knows it.
struct Peer {
  pid_t pid = 0;
  uid_t uid = 0;
  bool local = false;    // shares our mount namespace; false where that is unknown
  SharedText executable; // empty where unknown
  SharedText cgroup;     // as /proc/PID/cgroup names it; empty where unknown
};

struct ServerRequest {
  ServerRequest() = default;

  std::string method;
  std::string target;
  WipingBuffer body;
  Peer peer;
  BootTime received_at{};
  Duration patience{}; // how long the client will wait for the answer

  [[nodiscard]] std::string_view body_text() const { return {body.data(), body.size()}; }
};

struct ServerResponse {
  ServerResponse() = default;
  ServerResponse(unsigned s, std::string_view text) : status(s), body(text.begin(), text.end()) {}

  unsigned status = 200;
  std::string_view content_type = "text/plain"; // a literal
  bool for_standard_error = false;              // of a helper, which else writes it to its output
  WipingBuffer body;
};

// Answers one kind of request. Never throws for what a client sent.
class RequestHandler {
public:
  virtual ~RequestHandler() = default;
  [[nodiscard]] virtual boost::asio::awaitable<ServerResponse> handle(ServerRequest request) = 0;
};

} // namespace purser
