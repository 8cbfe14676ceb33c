#pragma once

#include "daemon/cache/cache_keeper.hpp"
#include "daemon/cache/overrides.hpp"
#include "daemon/cache/token_cache.hpp"
#include "daemon/providers/table.hpp"
#include "daemon/server/key_lock.hpp"
#include "daemon/store/held_keys.hpp"
#include "daemon/store/sealed_file_store.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>

namespace purser {

// Locks and unlocks this daemon: what it holds comes and goes with the key.
class LockSwitch {
public:
  static constexpr Duration k_save_limit = std::chrono::seconds(2);

  struct Parts {
    KeyLock& lock;
    std::shared_ptr<HeldKeys> held;
    SealedFileStore& file;
    CacheKeeper& keeper;
    TokenCache& tokens;
    Overrides& overrides;
    const ProviderTable& providers;
  };

  // `opened` is called after each unlocking; `closed` when all is to be forgotten. All that is
  // referred to must outlive this.
  LockSwitch(Parts parts, std::function<void()> opened, std::function<void()> closed)
    : parts_(std::move(parts)), opened_(std::move(opened)), closed_(std::move(closed))
  {
  }

  // From here on nothing is handed out, and what is held is kept, sealed, for the next unlocking:
  // the key must still be there.
  [[nodiscard]] boost::asio::awaitable<void> begin_locking();
  // Forgets the key, and all that was held.
  void finish_locking();
  // With the key in HeldKeys, or in plain text: takes up again what was kept.
  [[nodiscard]] boost::asio::awaitable<void> unlock();

  // Whether a passphrase was given to this process that the next one would not have.
  [[nodiscard]] bool has_passphrase() const { return has_passphrase_; }
  void note_passphrase(bool given) { has_passphrase_ = given; }

private:
  Parts parts_;
  std::function<void()> opened_;
  std::function<void()> closed_;
  bool has_passphrase_ = false;
};

} // namespace purser
