#pragma once

#include "common/result.hpp"
#include "daemon/async/event.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/cache/cache_vault.hpp"
#include "daemon/cache/overrides.hpp"
#include "daemon/cache/process_key.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/providers/table.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace purser {

// For status.
struct CacheState {
  std::string kept_in;              // "systemd", or a path
  std::optional<std::string> error; // why what is held now is not kept there
};

// Keeps what TokenCache and Overrides hold for the next process: after each change at once, in
// the background, and one save at a time. A save that fails is tried again with back-off, and
// told once until one works.
//
// Lives on one executor; what it borrows outlives it. It must outlive the coroutines that it
// starts there: it is destroyed after the event loop has ended.
class CacheKeeper {
public:
  static constexpr Duration k_restore_limit = std::chrono::seconds(2);
  static constexpr Duration k_save_limit = std::chrono::seconds(30);
  static constexpr Duration k_between_saves = std::chrono::milliseconds(250);
  static constexpr Duration k_first_retry = std::chrono::seconds(1);
  static constexpr Duration k_longest_retry = std::chrono::seconds(60);

  CacheKeeper(boost::asio::any_io_executor ex,
              Clock& clock,
              std::shared_ptr<CacheVault> vault, // shared with threads that may outlive this
              std::string kept_in,
              ProcessKey& key,
              TokenCache& tokens,
              Overrides& overrides);
  CacheKeeper(const CacheKeeper&) = delete;
  CacheKeeper& operator=(const CacheKeeper&) = delete;

  // Before anything is asked of the cache: afterwards the process key is the restored one or a new
  // one, and changes are saved. Bounded, and never a failure. Where the key is locked, nothing is
  // restored and nothing saved: it is to be called once more after it was unlocked.
  [[nodiscard]] boost::asio::awaitable<void> restore(const ProviderTable& providers);

  // The same, without what was kept, which is put aside.
  [[nodiscard]] boost::asio::awaitable<void> begin_empty();
  // After close(): the memory that our successor in this process is to get.
  [[nodiscard]] std::optional<int> memory() const { return vault_->memory(); }

  // Waits until all that has changed is kept, or until an attempt to do so has failed.
  [[nodiscard]] boost::asio::awaitable<Result<>> flush(Duration limit);
  // The last save, with the times of use, at an orderly stop. Nothing is saved afterwards.
  [[nodiscard]] boost::asio::awaitable<void> close(Duration limit);

  // Saves once more, and nothing afterwards until restore() is called again: the key goes.
  [[nodiscard]] boost::asio::awaitable<void> suspend(Duration limit);
  // Saves although nothing changed: the key did.
  [[nodiscard]] boost::asio::awaitable<Result<>> save_again(Duration limit);

  // Whether a process that ends now loses nothing.
  [[nodiscard]] bool all_kept() const
  {
    return suspended_ || (saved_ == changes_ && !state_.error);
  }
  [[nodiscard]] const CacheState& state() const { return state_; }

private:
  void listen();
  [[nodiscard]] bool take_over(Secret bytes);
  void changed();
  boost::asio::awaitable<void> save_all();
  boost::asio::awaitable<void> pause(Duration pause);
  boost::asio::awaitable<void> save_once();
  boost::asio::awaitable<Result<>> save(bool last);
  boost::asio::awaitable<Result<>> attempted(std::uint64_t change);
  static boost::asio::awaitable<Result<bool>> rung(std::shared_ptr<Event> bell);
  void note(const Result<>& outcome);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  WorkerPool worker_;
  std::shared_ptr<CacheVault> vault_;
  ProcessKey& key_;
  TokenCache& tokens_;
  Overrides& overrides_;
  CacheState state_;

  // Changes so far; of these, those that the last attempt was about, and that are kept.
  std::uint64_t changes_ = 0;
  std::uint64_t tried_ = 0;
  std::uint64_t saved_ = 0;
  unsigned failures_ = 0; // in a row
  bool saving_ = false;   // save_all() runs
  bool closed_ = false;
  bool suspended_ = false;  // the key is locked
  bool key_in_use_ = false; // the process key must not change any more
  BootTime last_began_ = BootTime::min();
  std::shared_ptr<Event> bell_;    // ends a pause early
  std::shared_ptr<Event> attempt_; // set when the next attempt has ended
};

} // namespace purser
