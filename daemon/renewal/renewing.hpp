#pragma once

#include "common/result.hpp"
#include "daemon/async/event.hpp"
#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/renewal/event.hpp"
#include "daemon/renewal/policy.hpp"
#include "daemon/renewal/tally.hpp"
#include "daemon/renewal/throttle.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
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

// What an asker wants: an answer within `patience`, and while its issuer is well one that
// lives at least `min_remaining` more (see granted()).
struct Demand {
  explicit Demand(Duration p, std::optional<Duration> remaining = std::nullopt)
    : patience(p), min_remaining(remaining)
  {
  }

  Duration patience;
  std::optional<Duration> min_remaining;
};

// What is known of a key, for status.
struct RenewalView {
  std::optional<Lifetime> life; // of the value that is held
  BootTime last_used{};
  bool in_flight = false;
  std::optional<Error> last_error;
  std::optional<BootTime> next_try;      // while failing
  std::optional<BootTime> last_try;      // when the last fetch began
  std::optional<BootTime> last_end;      // when the last that is over was
  std::optional<BootTime> failing_since; // while all have failed since then
  std::uint64_t attempts = 0;            // fetches since the key is known
  std::uint64_t failures = 0;            // of these
  StateTimes times;                      // since the key is known, until now
};

// A value that is held, for who keeps it across a restart.
template <class Key, class Value>
struct Holding {
  Holding(Key k, Value v, Lifetime l, BootTime used)
    : key(std::move(k)), value(std::move(v)), life(l), last_used(used)
  {
  }

  Key key;
  Value value;
  Lifetime life;
  BootTime last_used;
};

// Uniform in [0, 1).
using Uniform = std::function<double()>;

// Values by key that are fetched on demand, renewed before they die while somebody
// uses them, and never handed out when they are dead. Knows no token.
//
// At most one fetch per key is in flight; whoever asks meanwhile waits for that one.
// The fetch belongs to this object: it outlives the asker that caused it. Failures
// are remembered for a while (policy.hpp) and answered from memory. What erase() took
// away never comes back from a fetch that was in flight. Keys of one endpoint share
// its limits (throttle.hpp).
//
// Lives on one executor and must outlive the coroutines that it starts there: it is
// destroyed after the event loop has ended. `Value` is cheap to copy.
template <class Key, class Value>
class Renewing {
public:
  using Fetch = std::function<boost::asio::awaitable<Result<Fetched<Value>>>(Key)>;
  // Who will be asked for a key's value: a host, or nothing where there is no limit.
  using Endpoint = std::function<std::string(const Key&)>;

  static constexpr Duration k_fetch_limit = std::chrono::seconds(60);
  static constexpr Duration k_critical_wait = std::chrono::seconds(5);
  static constexpr Duration k_wanted_wait = std::chrono::seconds(2); // for a longer life
  // Who waits for a successor is served the old value this long before it dies.
  static constexpr Duration k_last_moment = std::chrono::milliseconds(200);
  static constexpr Duration k_forced_spacing = std::chrono::seconds(2);
  // How long failures in a row are counted after the last, where nothing is held.
  static constexpr Duration k_failure_memory = std::chrono::minutes(5);
  // Woken later than this, we slept, and so did everybody else's timers.
  static constexpr Duration k_overslept = std::chrono::seconds(5);

  Renewing(boost::asio::any_io_executor ex,
           Clock& clock,
           Uniform uniform,
           Fetch fetch,
           Endpoint endpoint,
           std::size_t max_keys)
    : ex_(std::move(ex))
    , clock_(clock)
    , uniform_(std::move(uniform))
    , fetch_(std::move(fetch))
    , endpoint_(std::move(endpoint))
    , max_keys_(max_keys)
  {
  }
  Renewing(const Renewing&) = delete;
  Renewing& operator=(const Renewing&) = delete;

  // `changed` is called after a value came or was erased.
  void on_change(std::function<void()> changed) { changed_ = std::move(changed); }
  // `observer` is told what happens to the values. It calls nothing of this object.
  using Observer = std::function<void(const Key&, const RenewalEvent&)>;
  void on_event(Observer observer) { observer_ = std::move(observer); }

  // The key that is known and equal to this one, null where there is none; valid until the next
  // call.
  [[nodiscard]] const Key* known(const Key& key) const;
  // `key` takes the place of the equal one that is known, if any: for keys that hold more than
  // they are compared by.
  void adopt(Key key);

  // A value that is alive.
  [[nodiscard]] boost::asio::awaitable<Result<Value>> get(Key key, Demand demand);
  // A value that is newer than the one that is held, whatever was remembered of failures. Where
  // it cannot be had, that one stays.
  [[nodiscard]] boost::asio::awaitable<Result<Value>> renew(Key key, Duration patience);

  // Forgets the value and the failures of `key`; the next get() fetches.
  void erase(const Key& key);
  // After the other side refused a value: forgets it, where `refused` says that it is the one
  // that is held. Another may have come meanwhile, or be on its way, and that one stays.
  template <class Predicate>
  void erase_if(const Key& key, Predicate refused);
  // Forgets all failures, so that the next get() tries at once.
  void forgive();
  void forgive(const Key& key);

  [[nodiscard]] std::optional<Value> held(const Key& key) const;
  [[nodiscard]] std::optional<RenewalView> view(const Key& key) const;
  template <class Visitor>
  void visit(Visitor visitor) const; // visitor(key, RenewalView)
  // Whether any value is alive that somebody used within its interest window.
  [[nodiscard]] bool in_use() const;
  [[nodiscard]] const RenewalTally& tally() const { return tally_; }

  // All that is alive, in no order; and into an object that is new. What is due by then is
  // renewed a little later, and not all at once.
  [[nodiscard]] std::list<Holding<Key, Value>> holdings() const;
  void restore(std::list<Holding<Key, Value>> holdings);

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
    std::string endpoint;
    bool background = false; // began with nobody waiting
    BootTime begin_at{};     // the endpoint's limits may put it off
    std::optional<Result<Value>> outcome;
  };
  struct Slot;
  using Uses = std::list<Slot*>; // the least recently used first
  struct Slot {
    const Key* key = nullptr;
    std::uint64_t number = 0;
    std::optional<Held> held;
    std::shared_ptr<Flight> flight;
    std::uint64_t generation = 0;
    BootTime look_at = BootTime::max(); // its place in the agenda
    typename Uses::iterator use;
    BootTime last_used{};
    std::optional<BootTime> last_try;
    BootTime next_try{};
    BootTime quiet_until{};                // no renewal that nobody waits for
    std::optional<Duration> min_remaining; // the most that was wanted of the value that is held
    bool pressed = false;                  // a wait was cut short, once for each value
    unsigned failures = 0;                 // in a row
    std::optional<Error> last_error;
    std::optional<BootTime> last_end;
    std::optional<BootTime> failing_since; // also where they were forgiven
    std::uint64_t failures_since = 0;
    std::uint64_t attempts = 0;
    std::uint64_t failed = 0;
    std::optional<Lifetime> last_life; // of the value that is or was held
    StateTimes times;                  // of the lives before that
  };

  Slot* find(const Key& key);
  Slot* touch(const Key& key); // null where there is no room
  bool make_room();
  void drop(Slot& slot);
  void let_go(Slot& slot); // of its value
  void forgive(Slot& slot);
  [[nodiscard]] RenewalView view_of(const Slot& slot) const;
  [[nodiscard]] StateTimes times(const Slot& slot) const;
  [[nodiscard]] Freshness state(const Slot& slot) const;
  [[nodiscard]] Freshness state(const Slot& slot, const Demand& demand) const;
  [[nodiscard]] bool may_try(const Slot& slot, Freshness state) const;
  static Error no_room();

  Value serve(const Held& held, Freshness state);
  Error refuse(Error error);
  // Nothing where the old value died meanwhile and there is no other.
  boost::asio::awaitable<std::optional<Value>>
  successor_of(Held held, std::shared_ptr<Flight> flight, Duration limit);
  boost::asio::awaitable<Result<Value>> awaited(std::shared_ptr<Flight> flight, Duration limit);
  boost::asio::awaitable<Result<Value>> wait(std::shared_ptr<Flight> flight, Duration limit);
  static boost::asio::awaitable<Result<bool>> landed(std::shared_ptr<Flight> flight);
  static boost::asio::awaitable<Result<bool>> rung(std::shared_ptr<Event> bell);

  std::shared_ptr<Flight> join_or_begin(Slot& slot, Freshness state);
  void begin_in_background(Slot& slot);
  std::shared_ptr<Flight>
  start(Slot& slot, std::string endpoint, bool background, BootTime begin_at);
  boost::asio::awaitable<void> run(Key key, std::shared_ptr<Flight> flight);
  Result<Value> land(const Key& key, const Flight& flight, Result<Fetched<Value>> fetched);
  Result<Value> install(Slot& slot, Fetched<Value> fetched);
  void note_failure(Slot& slot, const Error& error);
  void note_success(Slot& slot);
  void tell(const Slot& slot, RenewalEvent event) const;
  void tell_loss(const Slot& slot, RenewalEvent::Kind kind) const;

  void look(Slot& slot, BootTime when);
  void look_while_held(Slot& slot, BootTime when);
  void consider(Slot& slot);
  void put_off_due();

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  Uniform uniform_;
  Fetch fetch_;
  Endpoint endpoint_;
  std::size_t max_keys_;
  std::function<void()> changed_ = [] {};
  Observer observer_ = [](const Key&, const RenewalEvent&) {};
  std::map<Key, Slot> slots_;
  Uses uses_;
  // When tend() is to look at what; at the same moment, by the slots' numbers.
  std::map<std::pair<BootTime, std::uint64_t>, Slot*> agenda_;
  std::uint64_t generations_ = 0;
  Throttle throttle_;
  RenewalTally tally_;
  std::shared_ptr<Event> bell_; // wakes tend()
  BootTime tend_at_ = BootTime::max();
};

} // namespace purser

#include "daemon/renewal/renewing_impl.hpp"
