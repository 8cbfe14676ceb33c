#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/key_lock.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/store/store_recovery.hpp"
#include "daemon/time/clock.hpp"

#include <functional>
#include <string>

namespace purser {

// `POST /v1/recover` with a helper's body: makes a new store of what still opens in a damaged one,
// and tells what is lost. Never done unasked. Only for callers of our mount namespace.
class RecoverHandler final : public RequestHandler {
public:
  struct Places {
    std::string credentials;
    KeyLadder ladder;
    std::string index; // of managed hosts: it names in plain text what was stored
  };

  // `changed` is called after a recovery. `files` and what is referred to outlive this.
  RecoverHandler(Clock& clock,
                 WorkerPool& files,
                 Places places,
                 const KeyLock& lock,
                 const CurrentSettings& settings,
                 AuditLog& audit,
                 std::function<void()> changed)
    : clock_(clock)
    , files_(files)
    , places_(std::move(places))
    , lock_(lock)
    , settings_(settings)
    , audit_(audit)
    , changed_(std::move(changed))
  {
  }

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  // What was found, and the lines of the index as they were before.
  struct Found {
    Recovery recovery;
    std::string index;
  };
  boost::asio::awaitable<Result<Found>> recover(Duration patience);
  [[nodiscard]] Json answer(const Found& found) const;

  Clock& clock_;
  WorkerPool& files_;
  Places places_;
  const KeyLock& lock_;
  const CurrentSettings& settings_;
  AuditLog& audit_;
  std::function<void()> changed_;
};

} // namespace purser
