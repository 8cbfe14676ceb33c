#pragma once

#include "daemon/observe/audit.hpp"
#include "daemon/server/access_check.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <utility>

namespace purser {

// `POST /v1/access`: whether this caller may pull, push or delete, by trying it at the registry.
// The report is a doctor's (docs/doctor.schema.json), and tells each action besides.
class AccessHandler final : public RequestHandler {
public:
  // Before the command line gives up, after 60 s.
  static constexpr Duration k_limit = std::chrono::seconds(55);
  // Brings the configuration up to date before a request is looked at.
  using Reload = std::function<boost::asio::awaitable<void>()>;

  AccessHandler(Clock& clock, TokenService& tokens, AuditLog& audit, Reload reload)
    : clock_(clock), check_(clock, tokens), audit_(audit), reload_(std::move(reload))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  Clock& clock_;
  AccessCheck check_;
  AuditLog& audit_;
  Reload reload_;
};

} // namespace purser
