#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/observe/audit.hpp"
#include "daemon/server/attempt_limit.hpp"
#include "daemon/server/json_answer.hpp"
#include "daemon/server/lock_switch.hpp"
#include "daemon/server/request_handler.hpp"
#include "daemon/server/settings.hpp"
#include "daemon/store/key_changes.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace purser {

// What people do to the key: `POST /v1/lock`, `/v1/unlock`, `/v1/unlock/remove-passphrase`,
// `/v1/rotate-key` (docs/protocol.md), each with a helper's body whose input is the passphrase, or
// nothing. Only for callers of our mount namespace.
//
// Passphrases are checked one at a time, on a thread of their own, and a wrong one makes the next
// wait (AttemptLimit): nobody else does.
class KeyHandler final : public RequestHandler {
public:
  KeyHandler(const boost::asio::any_io_executor& ex,
             Clock& clock,
             KeyChanges keys,
             LockSwitch& lock,
             KeyLock& state,
             CacheKeeper& keeper,
             AuditLog& audit);

  // Whether the key is under a passphrase: at the start, before anything is answered.
  [[nodiscard]] boost::asio::awaitable<void> look();

  [[nodiscard]] boost::asio::awaitable<ServerResponse> handle(ServerRequest request) override;

private:
  struct Verb;
  using Answer = Result<Json>;

  boost::asio::awaitable<Answer> lock(Secret passphrase, Duration patience);
  boost::asio::awaitable<Answer> unlock(Secret passphrase, Duration patience);
  boost::asio::awaitable<Answer> remove(Secret passphrase, Duration patience);
  boost::asio::awaitable<Answer> rotate(Secret passphrase, Duration patience);

  boost::asio::awaitable<Result<KeyChanges::State>> state(Duration patience);
  boost::asio::awaitable<Result<>> shut(Secret passphrase, Duration patience);
  // Runs `job(keys)`, where no wrong passphrase came just before.
  template <class T, class Job>
  boost::asio::awaitable<Result<T>> guess(Job job, Duration patience);

  Clock& clock_;
  WorkerPool worker_;
  std::shared_ptr<const KeyChanges> keys_; // shared with the thread, which may outlive this
  LockSwitch& lock_;
  KeyLock& state_;
  CacheKeeper& keeper_;
  AuditLog& audit_;
  AttemptLimit limit_;
  bool busy_ = false;
};

} // namespace purser
