#include "daemon/server/router.hpp"

#include <spdlog/spdlog.h>

#include <exception>

namespace purser {

// The one place where a front end's bug ends: the client gets a word, the others are
// not disturbed. A cancelled coroutine does not end here, since nothing cancels one.
boost::asio::awaitable<ServerResponse> Router::handle(ServerRequest request)
{
  for (const Entry& entry : entries_) {
    if (!request.target.starts_with(entry.prefix)) continue;
    try {
      co_return co_await entry.handler->handle(std::move(request));
    } catch (const std::exception& bug) {
      spdlog::error("a request failed by a bug of ours: {}", bug.what());
      co_return ServerResponse(500, "purser: internal error; the daemon's log says more\n");
    }
  }
  co_return ServerResponse(404, "purser: no such path\n");
}

} // namespace purser
