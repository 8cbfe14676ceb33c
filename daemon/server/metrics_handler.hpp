#pragma once

#include "daemon/cache/token_cache.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/renewal/report.hpp"
#include "daemon/server/connection_tally.hpp"
#include "daemon/server/control_handler.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <utility>

namespace purser {

// `GET /metrics` for Prometheus. docs/metrics.md is the contract: its names are promised, and no
// label has a value that somebody outside can choose.
class MetricsHandler final : public RequestHandler {
public:
  // What it tells of; all of it outlives this.
  struct Subjects {
    const DaemonFacts& facts;
    const TokenCache& tokens;
    const AuditLog& audit;
    std::function<RenewalReport()> keys; // of AWS
    std::function<ConnectionTally()> connections;
  };

  MetricsHandler(Clock& clock, Subjects subjects) : clock_(clock), subjects_(std::move(subjects)) {}

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  Clock& clock_;
  Subjects subjects_;
};

} // namespace purser
