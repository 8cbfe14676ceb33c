#pragma once

#include "common/result.hpp"
#include "daemon/async/event.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/renewal/policy.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace purser {

// What a fetch brought: a value that was asked for at `sent_at` and lives `life`.
template <class Value>
struct Fetched {
  Fetched(Value v, BootTime sent, Duration l) : value(std::move(v)), sent_at(sent), life(l) {}

  Value value;
  BootTime sent_at;
  Duration life;
};

// What is known of a key, for status.
struct RenewalView {
  std::optional<Lifetime> life; // of the value that is held
  BootTime last_used{};
  bool in_flight = false;
  std::optional<Error> last_error;
  std::optional<BootTime> next_try; // while failing
};

// Uniform in [0, 1).
using Uniform = std::function<double()>;

// Values by key that are fetched on demand, renewed before they die while somebody
// uses them, and never handed out when they are dead. Knows no token.
//
// At most one fetch per key is in flight; whoever asks meanwhile waits for that one.
// The fetch belongs to this object: it outlives the asker that caused it. Failures
// are remembered for a while (policy.hpp) and answered from memory. What erase() took
// away never comes back from a fetch that was in flight.
//
// Lives on one executor and must outlive the coroutines that it starts there: it is
// destroyed after the event loop has ended. `Value` is cheap to copy.
template <class Key, class Value>
class Renewing {
public:
  using Fetch = std::function<boost::asio::awaitable<Result<Fetched<Value>>>(Key)>;

  static constexpr Duration k_fetch_limit = std::chrono::seconds(60);
  static constexpr Duration k_critical_wait = std::chrono::seconds(5);
  static constexpr Duration k_forced_spacing = std::chrono::seconds(2);

  Renewing(boost::asio::any_io_executor ex,
           Clock& clock,
           Uniform uniform,
           Fetch fetch,
           std::size_t max_keys)
    : ex_(std::move(ex))
    , clock_(clock)
    , uniform_(std::move(uniform))
    , fetch_(std::move(fetch))
    , max_keys_(max_keys)
  {
  }

  // `key` takes the place of the equal one that is known, if any: for keys that hold more than
  // they are compared by.
  void adopt(Key key);

  // A value that is alive. Waits at most `patience`.
  [[nodiscard]] boost::asio::awaitable<Result<Value>> get(Key key, Duration patience);

  // Forgets the value and the failures of `key`; the next get() fetches.
  void erase(const Key& key);
  // Forgets all failures, so that the next get() tries at once.
  void forgive();
  void forgive(const Key& key);

  [[nodiscard]] std::optional<Value> held(const Key& key) const;
  template <class Visitor>
  void visit(Visitor visitor) const; // visitor(key, RenewalView)
  // Whether any value is alive that somebody used within its interest window.
  [[nodiscard]] bool in_use() const;

  // Renews what is due and wipes what is dead, for ever. Spawn it once.
  [[nodiscard]] boost::asio::awaitable<void> tend();

private:
  struct Held {
    Value value;
    Lifetime life;
  };
  struct Flight {
    Flight(const boost::asio::any_io_executor& ex, std::uint64_t g) : done(ex), generation(g) {}

    Event done;
    std::uint64_t generation;
    std::optional<Result<Value>> outcome;
  };
  struct Slot {
    std::optional<Held> held;
    std::shared_ptr<Flight> flight;
    std::uint64_t generation = 0;
    BootTime last_used{};
    BootTime last_try{};
    BootTime next_try{};
    unsigned failures = 0;
    std::optional<Error> last_error;
  };

  Slot& touch(const Key& key);
  void make_room();
  [[nodiscard]] Freshness state(const Slot& slot) const;
  [[nodiscard]] bool may_try(const Slot& slot, Freshness state) const;
  std::shared_ptr<Flight> start(const Key& key, Slot& slot);
  boost::asio::awaitable<void> run(Key key, std::shared_ptr<Flight> flight);
  Result<Value> land(const Key& key, const Flight& flight, Result<Fetched<Value>> fetched);
  Result<Value> install(Slot& slot, Fetched<Value> fetched);
  void note_failure(Slot& slot, const Error& error);
  boost::asio::awaitable<Result<Value>> wait(std::shared_ptr<Flight> flight, Duration patience);
  static boost::asio::awaitable<Result<bool>> landed(std::shared_ptr<Flight> flight);
  static boost::asio::awaitable<Result<bool>> rung(std::shared_ptr<Event> bell);
  BootTime tend_slot(const Key& key, Slot& slot);
  void ring_before(BootTime moment);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  Uniform uniform_;
  Fetch fetch_;
  std::size_t max_keys_;
  std::map<Key, Slot> slots_;
  std::uint64_t generations_ = 0;
  std::shared_ptr<Event> bell_; // wakes tend()
  BootTime tend_at_ = BootTime::max();
};

} // namespace purser

#include "daemon/renewal/renewing_impl.hpp"
