#pragma once

#include "daemon/observe/log_ring.hpp"
#include "daemon/server/request_handler.hpp"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace purser {

// `GET /v1/logs` (docs/protocol.md): the last lines of the log, for the daemon's own user and root.
// Others whom the configuration lets ask (`peers`) would read whom its user talks to.
class LogHandler final : public RequestHandler {
public:
  static constexpr std::string_view k_path = "/v1/logs";

  // `run` is what this process calls itself; `journal`, whether its log goes there.
  LogHandler(const LogRing& lines, std::string run, bool journal, uid_t owner)
    : lines_(lines), run_(std::move(run)), journal_(journal), owner_(owner)
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  [[nodiscard]] ServerResponse answer(const ServerRequest& request) const;

  const LogRing& lines_;
  std::string run_;
  bool journal_;
  uid_t owner_;
};

} // namespace purser
