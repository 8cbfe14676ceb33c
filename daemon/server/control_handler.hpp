#pragma once

#include "daemon/cache/cache_keeper.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/sandbox/sandbox_state.hpp"
#include "daemon/server/key_lock.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/time/clock.hpp"

#include <string>
#include <string_view>

namespace purser {

// What the daemon knows of itself, for status.
struct DaemonFacts {
  std::string socket;
  std::string started_by; // "systemd", "helper", "job", "hand"
  std::string config_path;
  bool memory_locked = false;
  BootTime started_at{};
  std::string run = {}; // tells this process from those before and after it
  SandboxState sandbox = {};
};

// For people and scripts: `GET /v1/version`, `/v1/status`, `/v1/audit` (docs/protocol.md).
class ControlHandler final : public RequestHandler {
public:
  // How long status waits for a store that does not answer.
  static constexpr Duration k_store_limit = std::chrono::seconds(2);

  ControlHandler(Clock& clock,
                 const DaemonFacts& facts,
                 const CurrentSettings& settings,
                 const TokenCache& tokens,
                 CredentialStore& store,
                 const AuditLog& audit,
                 const CacheState& cache,
                 const KeyLock* lock = nullptr) // null: nothing is ever locked
    : clock_(clock)
    , facts_(facts)
    , settings_(settings)
    , tokens_(tokens)
    , store_(store)
    , audit_(audit)
    , cache_(cache)
    , lock_(lock)
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  [[nodiscard]] ServerResponse version() const;
  [[nodiscard]] boost::asio::awaitable<ServerResponse> status();
  [[nodiscard]] ServerResponse audit(std::string_view target) const;

  Clock& clock_;
  const DaemonFacts& facts_;
  const CurrentSettings& settings_;
  const TokenCache& tokens_;
  CredentialStore& store_;
  const AuditLog& audit_;
  const CacheState& cache_;
  const KeyLock* lock_;
};

} // namespace purser
