#pragma once

#include "daemon/renewal/renewing.hpp"
#include "daemon/renewal/silence.hpp"

#include <algorithm>

namespace purser {

// Each turn decides on the slot as it is now: after every wait it may be another.
template <class Key, class Value>
boost::asio::awaitable<Result<Value>> Renewing<Key, Value>::get(Key key, Demand demand)
{
  const BootTime give_up = clock_.now() + demand.patience;
  for (;;) {
    Slot* const slot = touch(key);
    if (slot == nullptr) co_return refuse(no_room());
    if (demand.min_remaining)
      slot->min_remaining =
          std::max(slot->min_remaining.value_or(Duration::zero()), *demand.min_remaining);
    const Freshness now = state(*slot, demand);
    if (now == Freshness::due) begin_in_background(*slot);
    if (now == Freshness::fresh || now == Freshness::due) co_return serve(*slot->held, now);

    std::shared_ptr<Flight> flight = slot->flight;
    if (flight && flight->generation != slot->generation) { // erased meanwhile: not ours to take
      const auto ended = co_await wait(flight, give_up - clock_.now());
      if (!flight->outcome) co_return refuse(ended.error());
      continue;
    }
    flight = join_or_begin(*slot, now);
    if (now == Freshness::expired) {
      ++tally_.misses;
      if (!flight) co_return refuse(*slot->last_error);
      co_return co_await awaited(std::move(flight), give_up - clock_.now());
    }
    if (!flight) co_return serve(*slot->held, state(*slot));
    const Duration most = state(*slot) == now ? k_critical_wait : k_wanted_wait;
    Held held = *slot->held;
    auto value = co_await successor_of(std::move(held), std::move(flight),
                                       std::min<Duration>(most, give_up - clock_.now()));
    if (value) co_return std::move(*value);
  }
}

template <class Key, class Value>
boost::asio::awaitable<Result<Value>> Renewing<Key, Value>::renew(Key key, Duration patience)
{
  const BootTime give_up = clock_.now() + patience;
  for (;;) {
    Slot* const slot = touch(key);
    if (slot == nullptr) co_return refuse(no_room());
    std::shared_ptr<Flight> flight = slot->flight;
    if (flight && flight->generation != slot->generation) {
      const auto ended = co_await wait(flight, give_up - clock_.now());
      if (!flight->outcome) co_return refuse(ended.error());
      continue;
    }
    slot->failures = 0;
    slot->next_try = {};
    flight = join_or_begin(*slot, Freshness::critical);
    if (!flight) co_return refuse(*slot->last_error);
    co_return co_await awaited(std::move(flight), give_up - clock_.now());
  }
}

template <class Key, class Value>
const Key* Renewing<Key, Value>::known(const Key& key) const
{
  const auto found = slots_.find(key);
  return found == slots_.end() ? nullptr : &found->first;
}

template <class Key, class Value>
void Renewing<Key, Value>::adopt(Key key)
{
  auto node = slots_.extract(key); // which moves no slot
  if (node.empty()) return;
  node.key() = std::move(key);
  slots_.insert(std::move(node));
}

template <class Key, class Value>
void Renewing<Key, Value>::erase(const Key& key)
{
  Slot* const slot = find(key);
  if (slot == nullptr) return;
  tell_loss(*slot, RenewalEvent::Kind::erased);
  if (slot->flight) { // it keeps the slot; what it brings belongs to the past
    let_go(*slot);
    slot->last_error.reset();
    slot->failing_since.reset();
    slot->failures_since = 0;
    slot->failures = 0;
    slot->pressed = false;
    slot->next_try = {};
    slot->generation = ++generations_;
  } else {
    drop(*slot);
  }
  changed_();
}

template <class Key, class Value>
template <class Predicate>
void Renewing<Key, Value>::erase_if(const Key& key, Predicate refused)
{
  Slot* const slot = find(key);
  if (slot == nullptr || !slot->held || !refused(slot->held->value)) return;
  if (!slot->flight) return erase(key);
  tell_loss(*slot, RenewalEvent::Kind::erased);
  let_go(*slot); // what is in flight is its successor
  changed_();
}

template <class Key, class Value>
void Renewing<Key, Value>::forgive()
{
  for (auto& [key, slot] : slots_)
    forgive(slot);
}

template <class Key, class Value>
void Renewing<Key, Value>::forgive(const Key& key)
{
  if (Slot* const slot = find(key)) forgive(*slot);
}

template <class Key, class Value>
void Renewing<Key, Value>::forgive(Slot& slot)
{
  if (slot.failures == 0) return;
  slot.failures = 0;
  slot.pressed = false;
  slot.next_try = {};
  look(slot, clock_.now());
}

template <class Key, class Value>
std::optional<Value> Renewing<Key, Value>::held(const Key& key) const
{
  const auto found = slots_.find(key);
  if (found == slots_.end() || !found->second.held) return std::nullopt;
  return found->second.held->value;
}

template <class Key, class Value>
std::optional<RenewalView> Renewing<Key, Value>::view(const Key& key) const
{
  const auto found = slots_.find(key);
  if (found == slots_.end()) return std::nullopt;
  return view_of(found->second);
}

template <class Key, class Value>
template <class Visitor>
void Renewing<Key, Value>::visit(Visitor visitor) const
{
  for (const auto& [key, slot] : slots_)
    visitor(key, view_of(slot));
}

template <class Key, class Value>
RenewalView Renewing<Key, Value>::view_of(const Slot& slot) const
{
  RenewalView view;
  if (slot.held) view.life = slot.held->life;
  view.last_used = slot.last_used;
  view.in_flight = slot.flight != nullptr;
  view.last_error = slot.last_error;
  if (slot.failures != 0) view.next_try = slot.next_try;
  view.last_try = slot.last_try;
  view.last_end = slot.last_end;
  view.failing_since = slot.failing_since;
  view.attempts = slot.attempts;
  view.failures = slot.failed;
  view.times = times(slot);
  return view;
}

template <class Key, class Value>
bool Renewing<Key, Value>::in_use() const
{
  return std::any_of(slots_.begin(), slots_.end(), [this](const auto& entry) {
    const Slot& slot = entry.second;
    if (slot.flight) return true;
    return slot.held && state(slot) != Freshness::expired &&
           clock_.now() - slot.last_used <= interest_window(slot.held->life.length());
  });
}

template <class Key, class Value>
std::list<Holding<Key, Value>> Renewing<Key, Value>::holdings() const
{
  std::list<Holding<Key, Value>> all;
  for (const auto& [key, slot] : slots_)
    if (state(slot) != Freshness::expired)
      all.emplace_back(key, slot.held->value, slot.held->life, slot.last_used);
  return all;
}

template <class Key, class Value>
void Renewing<Key, Value>::restore(std::list<Holding<Key, Value>> holdings)
{
  // The order in which touch() makes room.
  holdings.sort([](const auto& a, const auto& b) { return a.last_used < b.last_used; });
  for (auto& holding : holdings) {
    if (freshness(holding.life, clock_.now()) == Freshness::expired) continue;
    Slot* const slot = touch(holding.key);
    if (slot == nullptr) return;
    slot->held = Held{std::move(holding.value), holding.life};
    slot->last_life = holding.life;
    slot->last_used = std::min(holding.last_used, clock_.now());
    look(*slot, clock_.now());
  }
  put_off_due();
}

template <class Key, class Value>
typename Renewing<Key, Value>::Slot* Renewing<Key, Value>::find(const Key& key)
{
  const auto found = slots_.find(key);
  return found == slots_.end() ? nullptr : &found->second;
}

template <class Key, class Value>
typename Renewing<Key, Value>::Slot* Renewing<Key, Value>::touch(const Key& key)
{
  auto found = slots_.find(key);
  if (found == slots_.end()) {
    if (slots_.size() >= max_keys_ && !make_room()) return nullptr;
    found = slots_.try_emplace(key).first;
    Slot& made = found->second;
    made.key = &found->first;
    made.generation = made.number = ++generations_;
    made.use = uses_.insert(uses_.end(), &made);
  }
  Slot& slot = found->second;
  uses_.splice(uses_.end(), uses_, slot.use);
  slot.last_used = clock_.now();
  return &slot;
}

// The least recently used slot that nobody waits for goes first.
template <class Key, class Value>
bool Renewing<Key, Value>::make_room()
{
  const auto oldest = std::find_if(uses_.begin(), uses_.end(),
                                   [](const Slot* slot) { return slot->flight == nullptr; });
  if (oldest == uses_.end()) return false;
  if (state(**oldest) != Freshness::expired) {
    ++tally_.evicted;
    tell_loss(**oldest, RenewalEvent::Kind::evicted);
  }
  drop(**oldest);
  return true;
}

template <class Key, class Value>
void Renewing<Key, Value>::drop(Slot& slot)
{
  tally_.times += times(slot);
  look(slot, BootTime::max());
  uses_.erase(slot.use);
  slots_.erase(slots_.find(*slot.key));
}

template <class Key, class Value>
void Renewing<Key, Value>::let_go(Slot& slot)
{
  slot.times = times(slot);
  slot.last_life.reset();
  slot.held.reset();
}

template <class Key, class Value>
Error Renewing<Key, Value>::no_room()
{
  return with_remedy({Errc::transient, "too many identities are waited for at once"});
}

template <class Key, class Value>
Freshness Renewing<Key, Value>::state(const Slot& slot) const
{
  return slot.held ? freshness(slot.held->life, clock_.now()) : Freshness::expired;
}

// What would do for others is critical for who wants more, while there is more to be had.
template <class Key, class Value>
Freshness Renewing<Key, Value>::state(const Slot& slot, const Demand& demand) const
{
  const Freshness now = state(slot);
  if (now == Freshness::expired || slot.failures != 0) return now;
  const Lifetime& life = slot.held->life;
  const bool enough = life.expires_at - clock_.now() >= granted(life, demand.min_remaining);
  return enough ? now : Freshness::critical;
}

template <class Key, class Value>
bool Renewing<Key, Value>::may_try(const Slot& slot, Freshness state) const
{
  const BootTime now = clock_.now();
  if (now >= slot.next_try) return true;
  if (state == Freshness::due) return false;
  if (!slot.last_error) return state == Freshness::expired;
  // Somebody waits for it: what may pass by itself is tried sooner, never in a storm,
  // and never against the word of the other side. While the old one lives, only once.
  return is_temporary(slot.last_error->code) && !slot.last_error->retry_after &&
         (!slot.last_try || now >= *slot.last_try + k_forced_spacing) &&
         (state == Freshness::expired || !slot.pressed);
}

template <class Key, class Value>
Value Renewing<Key, Value>::serve(const Held& held, Freshness state)
{
  const Duration left = held.life.expires_at - clock_.now();
  ++tally_.served.at(static_cast<std::size_t>(state));
  tally_.remaining.observe(static_cast<double>(left.count()) /
                           static_cast<double>(held.life.length().count()));
  tally_.least_remaining = std::min(tally_.least_remaining, left);
  return held.value;
}

template <class Key, class Value>
Error Renewing<Key, Value>::refuse(Error error)
{
  ++tally_.refused[error.code];
  return error;
}

// Null where nothing may be tried now: why is the slot's last error.
template <class Key, class Value>
std::shared_ptr<typename Renewing<Key, Value>::Flight>
Renewing<Key, Value>::join_or_begin(Slot& slot, Freshness state)
{
  if (slot.flight) {
    ++tally_.coalesced;
    return slot.flight;
  }
  if (!may_try(slot, state)) return nullptr;
  const BootTime now = clock_.now();
  std::string endpoint = endpoint_(*slot.key);
  const auto begin_at = throttle_.begin_foreground(endpoint, now);
  if (!begin_at) { // no failure of the other side, which was not asked
    slot.last_error = with_remedy(
        {Errc::transient, "too much is asked of " + endpoint + " at once for this machine"});
    slot.next_try = now + back_off(0, Duration::zero(), std::nullopt, uniform_());
    look(slot, slot.next_try);
    return nullptr;
  }
  if (state == Freshness::critical && now < slot.next_try) slot.pressed = true;
  if (*begin_at > now) ++tally_.deferred;
  ++tally_.foreground;
  return start(slot, std::move(endpoint), false, *begin_at);
}

// Of a slot that holds something alive.
template <class Key, class Value>
void Renewing<Key, Value>::begin_in_background(Slot& slot)
{
  if (slot.flight) return;
  if (!may_try(slot, Freshness::due)) return look_while_held(slot, slot.next_try);
  const BootTime now = clock_.now();
  if (now < slot.quiet_until) return look_while_held(slot, slot.quiet_until);
  std::string endpoint = endpoint_(*slot.key);
  if (const auto later = throttle_.begin_background(endpoint, now)) {
    ++tally_.deferred;
    slot.quiet_until = *later;
    return look_while_held(slot, *later);
  }
  ++tally_.background;
  start(slot, std::move(endpoint), true, now);
}

template <class Key, class Value>
std::shared_ptr<typename Renewing<Key, Value>::Flight>
Renewing<Key, Value>::start(Slot& slot, std::string endpoint, bool background, BootTime begin_at)
{
  auto flight = std::make_shared<Flight>(ex_, slot.generation);
  flight->endpoint = std::move(endpoint);
  flight->background = background;
  flight->begin_at = begin_at;
  slot.flight = flight;
  slot.last_try = clock_.now();
  ++slot.attempts;
  look(slot, BootTime::max()); // its landing looks again
  spawn(ex_, "fetch", run(*slot.key, flight));
  return flight;
}

template <class Key, class Value>
boost::asio::awaitable<void> Renewing<Key, Value>::run(Key key, std::shared_ptr<Flight> flight)
{
  co_await clock_.sleep_until(flight->begin_at);
  const BootTime began = clock_.now();
  auto fetched = co_await contained(with_timeout(clock_, k_fetch_limit, contained(fetch_(key))));
  tally_.fetch_seconds.observe(std::chrono::duration<double>(clock_.now() - began).count());
  if (flight->background) throttle_.end_background(flight->endpoint);
  flight->outcome = land(key, *flight, std::move(fetched));
  flight->done.set();
}

template <class Key, class Value>
Result<Value>
Renewing<Key, Value>::land(const Key& key, const Flight& flight, Result<Fetched<Value>> fetched)
{
  Slot& slot = *find(key); // a slot in flight is never dropped
  slot.flight.reset();
  slot.last_end = clock_.now();
  if (fetched)
    ++tally_.succeeded;
  else
    ++tally_.failed[fetched.error().code];
  if (slot.generation != flight.generation) {
    drop(slot);
    if (!fetched) return fetched.error();
    return std::move(fetched->value); // for those who asked before the erase
  }
  auto outcome = fetched ? install(slot, std::move(*fetched)) : Result<Value>(fetched.error());
  if (!fetched) note_failure(slot, fetched.error());
  consider(slot);
  return outcome;
}

template <class Key, class Value>
Result<Value> Renewing<Key, Value>::install(Slot& slot, Fetched<Value> fetched)
{
  const BootTime now = clock_.now();
  const Lifetime life =
      draw_lifetime(fetched.sent_at, fetched.life, uniform_(), slot.min_remaining);
  if (freshness(life, now) == Freshness::expired) {
    const Error late(Errc::transient, "the token that came was already at its end");
    note_failure(slot, late);
    return late;
  }
  if (state(slot) != Freshness::expired && slot.held->life.expires_at >= life.expires_at) {
    // The same one again: not before a while, or the renewal would spin.
    slot.next_try = now + back_off(9, slot.held->life.expires_at - now, std::nullopt, uniform_());
    slot.held->life.renew_at = std::min(slot.next_try, slot.held->life.expires_at);
    tell(slot, RenewalEvent(RenewalEvent::Kind::unchanged));
    note_success(slot);
    return slot.held->value;
  }
  if (slot.held)
    tally_.age_at_renewal.observe(static_cast<double>((now - slot.held->life.sent_at).count()) /
                                  static_cast<double>(slot.held->life.length().count()));
  RenewalEvent event(slot.held ? RenewalEvent::Kind::renewed : RenewalEvent::Kind::obtained);
  if (slot.held) event.before = slot.held->life;
  slot.times = times(slot);
  slot.held = Held{fetched.value, life};
  slot.last_life = life;
  slot.min_remaining.reset();
  slot.next_try = {};
  slot.quiet_until = {};
  tell(slot, std::move(event));
  note_success(slot);
  changed_();
  return std::move(fetched.value);
}

template <class Key, class Value>
void Renewing<Key, Value>::note_failure(Slot& slot, const Error& error)
{
  const BootTime now = clock_.now();
  const Duration left = slot.held ? slot.held->life.expires_at - now : Duration::zero();
  slot.next_try =
      now + (is_temporary(error.code) ? back_off(slot.failures, left, error.retry_after, uniform_())
                                      : negative_wait(slot.failures, uniform_()));
  ++slot.failures;
  ++slot.failed;
  RenewalEvent event(RenewalEvent::Kind::failed);
  event.error = error;
  event.same_cause =
      slot.failing_since && slot.last_error && same_cause(slot.last_error->code, error.code);
  slot.last_error = error;
  if (!slot.failing_since) slot.failing_since = now;
  ++slot.failures_since;
  tell(slot, std::move(event));
}

template <class Key, class Value>
void Renewing<Key, Value>::note_success(Slot& slot)
{
  slot.failures = 0;
  slot.last_error.reset();
  slot.pressed = false;
  slot.failing_since.reset();
  slot.failures_since = 0;
}

template <class Key, class Value>
void Renewing<Key, Value>::tell(const Slot& slot, RenewalEvent event) const
{
  if (slot.held) event.life = slot.held->life;
  event.failing_since = slot.failing_since;
  event.failures = slot.failures_since;
  observer_(*slot.key, event);
}

// Before what is held goes, where something is.
template <class Key, class Value>
void Renewing<Key, Value>::tell_loss(const Slot& slot, RenewalEvent::Kind kind) const
{
  if (!slot.held) return;
  RenewalEvent event(kind);
  event.before = slot.held->life;
  event.failing_since = slot.failing_since;
  event.failures = slot.failures_since;
  observer_(*slot.key, event);
}

template <class Key, class Value>
boost::asio::awaitable<std::optional<Value>>
Renewing<Key, Value>::successor_of(Held held, std::shared_ptr<Flight> flight, Duration limit)
{
  const BootTime last_moment = dead_at(held.life) - k_last_moment;
  auto renewed =
      co_await wait(std::move(flight), std::min<Duration>(limit, last_moment - clock_.now()));
  if (renewed) {
    ++tally_.awaited;
    co_return std::move(*renewed);
  }
  const Freshness now = freshness(held.life, clock_.now());
  if (now == Freshness::expired) co_return std::nullopt; // we slept
  co_return serve(held, now);
}

template <class Key, class Value>
boost::asio::awaitable<Result<Value>> Renewing<Key, Value>::awaited(std::shared_ptr<Flight> flight,
                                                                    Duration limit)
{
  auto outcome = co_await wait(std::move(flight), limit);
  if (!outcome) co_return refuse(outcome.error());
  ++tally_.awaited;
  co_return outcome;
}

template <class Key, class Value>
boost::asio::awaitable<Result<Value>> Renewing<Key, Value>::wait(std::shared_ptr<Flight> flight,
                                                                 Duration limit)
{
  if (!flight->outcome) {
    const auto ended = co_await with_timeout(clock_, limit, landed(flight));
    if (!ended) co_return said_of(flight->endpoint, limit, ended.error());
  }
  co_return *flight->outcome;
}

template <class Key, class Value>
boost::asio::awaitable<Result<bool>> Renewing<Key, Value>::landed(std::shared_ptr<Flight> flight)
{
  co_await flight->done.wait();
  co_return true;
}

template <class Key, class Value>
boost::asio::awaitable<Result<bool>> Renewing<Key, Value>::rung(std::shared_ptr<Event> bell)
{
  co_await bell->wait();
  co_return true;
}

template <class Key, class Value>
boost::asio::awaitable<void> Renewing<Key, Value>::tend()
{
  for (;;) {
    const BootTime now = clock_.now();
    if (tend_at_ < now && now - tend_at_ > k_overslept) {
      ++tally_.resumed;
      put_off_due();
    }
    while (!agenda_.empty() && agenda_.begin()->first.first <= now) {
      Slot& slot = *agenda_.begin()->second;
      look(slot, BootTime::max());
      consider(slot);
    }
    throttle_.forget_idle(now);
    bell_ = std::make_shared<Event>(ex_);
    tend_at_ = agenda_.empty() ? now + std::chrono::hours(24) : agenda_.begin()->first.first;
    (void)co_await with_timeout(clock_, tend_at_ - now, rung(bell_));
  }
}

// Puts the slot into the agenda, or takes it out of it (BootTime::max()).
template <class Key, class Value>
void Renewing<Key, Value>::look(Slot& slot, BootTime when)
{
  if (slot.look_at == when) return;
  if (slot.look_at != BootTime::max()) agenda_.erase({slot.look_at, slot.number});
  slot.look_at = when;
  if (when == BootTime::max()) return;
  agenda_.try_emplace({when, slot.number}, &slot);
  if (when < tend_at_ && bell_) bell_->set();
}

// The same for a slot that holds something, which is wiped when it dies.
template <class Key, class Value>
void Renewing<Key, Value>::look_while_held(Slot& slot, BootTime when)
{
  look(slot, std::min(when, dead_at(slot.held->life)));
}

// Does what is due for one slot, and says when it wants to be looked at again.
template <class Key, class Value>
void Renewing<Key, Value>::consider(Slot& slot)
{
  const BootTime now = clock_.now();
  if (slot.flight) return;
  if (state(slot) == Freshness::expired) {
    tell_loss(slot, RenewalEvent::Kind::expired);
    slot.held.reset();
    if (slot.failures == 0) return drop(slot);
    const BootTime forgotten = slot.next_try + k_failure_memory;
    return now < forgotten ? look(slot, forgotten) : drop(slot);
  }
  const Lifetime& life = slot.held->life;
  if (now < life.renew_at) return look_while_held(slot, life.renew_at);
  const bool used = now - slot.last_used <= interest_window(life.length());
  // What it is derived from is gone, and only the next asker can bring it again.
  const bool orphaned = slot.last_error && slot.last_error->code == Errc::expired_source;
  if (!used || orphaned) return look(slot, dead_at(life));
  begin_in_background(slot);
}

// After a sleep, and at the beginning, everything wants to be renewed at the same moment.
template <class Key, class Value>
void Renewing<Key, Value>::put_off_due()
{
  const BootTime now = clock_.now();
  const auto due = [this, now](const auto& entry) {
    const Slot& slot = entry.second;
    return !slot.flight && state(slot) != Freshness::expired && slot.held->life.renew_at <= now;
  };
  const auto count = static_cast<std::size_t>(std::count_if(slots_.begin(), slots_.end(), due));
  for (auto& entry : slots_)
    if (due(entry)) entry.second.quiet_until = now + spread(count, uniform_());
}

template <class Key, class Value>
StateTimes Renewing<Key, Value>::times(const Slot& slot) const
{
  StateTimes all = slot.times;
  if (slot.last_life) all += times_between(*slot.last_life, slot.last_life->sent_at, clock_.now());
  return all;
}

} // namespace purser
