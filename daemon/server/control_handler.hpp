#pragma once

#include "common/result.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"

#include <optional>
#include <string>

namespace purser {

// What the daemon knows of itself, for status.
struct DaemonFacts {
  std::string socket;
  std::string started_by; // "systemd", "helper", "hand"
  std::string config_path;
  bool memory_locked = false;
  BootTime started_at{};
  std::optional<Error> store_error; // of the last verb of the store that failed
};

// For people and scripts: `GET /v1/version`, `/v1/status`, `/v1/audit` (docs/protocol.md).
class ControlHandler final : public RequestHandler {
public:
  ControlHandler(Clock& clock,
                 const DaemonFacts& facts,
                 const CurrentSettings& settings,
                 const TokenCache& tokens,
                 const CredentialStore& store,
                 const AuditLog& audit)
    : clock_(clock)
    , facts_(facts)
    , settings_(settings)
    , tokens_(tokens)
    , store_(store)
    , audit_(audit)
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  [[nodiscard]] ServerResponse version() const;
  [[nodiscard]] ServerResponse status() const;
  [[nodiscard]] ServerResponse audit() const;

  Clock& clock_;
  const DaemonFacts& facts_;
  const CurrentSettings& settings_;
  const TokenCache& tokens_;
  const CredentialStore& store_;
  const AuditLog& audit_;
};

} // namespace purser
