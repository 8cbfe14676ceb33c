#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"
#include "daemon/tokens/token_service.hpp"

#include <functional>
#include <utility>

namespace purser {

// `POST /v1/token` with a helper's body: a token by scope, for scripts and build tools that speak
// to a registry themselves.
class TokenHandler final : public RequestHandler {
public:
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  TokenHandler(Clock& clock, TokenService& tokens, AuditLog& audit, Reload reload)
    : clock_(clock), tokens_(tokens), audit_(audit), reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  Clock& clock_;
  TokenService& tokens_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
