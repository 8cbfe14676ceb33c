#pragma once

#include "daemon/async/event.hpp"
#include "daemon/async/file_watch.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/store/choice_file.hpp"
#include "daemon/store/credential_store.hpp"
#include "daemon/store/session_bus.hpp"
#include "daemon/store/store_choice.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace purser {

// Which of two stores is used: what the configuration says, else what was written down, else what
// decide() makes of what is found.
//
// The Secret Service is looked for where nothing else decides, where there is a session bus, and
// by one probe at a time, whoever waits for it. Where that decides nothing, readers do not look
// again for a while.
class StoreChooser {
public:
  static constexpr Duration k_remember = std::chrono::seconds(30);

  // What the choice is wanted for.
  enum class Occasion : std::uint8_t {
    look,  // nothing is looked for, and nothing written
    read,  // stays open where nothing is stored anywhere yet
    store, // is decided, and written down for good
  };
  // What it asks. All of it outlives this.
  struct Sources {
    std::function<std::optional<StoreKind>()> configured; // nothing: "auto"
    CredentialStore& file;
    std::function<boost::asio::awaitable<Result<KeyringFinding>>()> probe; // bounded
  };

  StoreChooser(boost::asio::any_io_executor ex,
               Clock& clock,
               WorkerPool& files,
               ChoiceFile choice_file,
               SessionBus bus,
               Sources sources,
               std::function<void()> chosen);

  // Nothing where it stays open: then nothing is stored that could be found. Errors: the sealed
  // file or the written choice cannot be read, or written (store only); transient where a Secret
  // Service is there and does not say what it holds.
  [[nodiscard]] boost::asio::awaitable<Result<std::optional<StoreKind>>> choose(Occasion occasion);

  // The written choice, whatever the configuration says.
  [[nodiscard]] boost::asio::awaitable<Result<std::optional<StoreChoice>>> written();
  // Writes another one down. Only for a migration, which has the right to.
  [[nodiscard]] boost::asio::awaitable<Result<>> replace(StoreChoice choice);
  // What a probe found may be otherwise now.
  void look_again() { found_at_.reset(); }

  [[nodiscard]] std::optional<StoreKind> configured() const { return sources_.configured(); }
  // As far as it was looked up: nothing where it is open.
  [[nodiscard]] std::optional<StoreKind> known() const;
  // Why it is that one, for people.
  [[nodiscard]] std::string reason() const;

private:
  struct Look;

  boost::asio::awaitable<Result<std::optional<StoreKind>>> find_out(Occasion occasion);
  boost::asio::awaitable<KeyringFinding> ask_keyring(Occasion occasion);
  boost::asio::awaitable<void> probe_keyring();
  boost::asio::awaitable<Result<std::optional<StoreKind>>> settle(StoreDecision decision,
                                                                  Occasion occasion);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  WorkerPool& files_;
  ChoiceFile choice_file_;
  SessionBus bus_;
  Sources sources_;
  std::function<void()> chosen_;

  std::optional<FileWatch> watch_; // of the written choice and the bus; none where it cannot be
  Result<std::optional<StoreChoice>> known_{std::optional<StoreChoice>()};
  bool bus_at_hand_ = false;
  std::shared_ptr<Event> probing_; // null where no probe runs
  KeyringFinding found_ = KeyringFinding::silent;
  std::optional<BootTime> found_at_;
};

} // namespace purser
