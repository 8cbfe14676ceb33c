#pragma once

#include "daemon/renewal/renewing.hpp"

namespace purser {

// Each turn decides on the slot as it is now: after every wait it may be another.
template <class Key, class Value>
boost::asio::awaitable<Result<Value>> Renewing<Key, Value>::get(Key key, Duration patience)
{
  const BootTime give_up = clock_.now() + patience;
  for (;;) {
    Slot& slot = touch(key);
    const Freshness now = state(slot);
    if (now == Freshness::fresh) co_return slot.held->value;
    if (now == Freshness::due) {
      if (!slot.flight && may_try(slot, now)) start(key, slot);
      co_return slot.held->value;
    }

    std::shared_ptr<Flight> flight = slot.flight;
    if (flight && flight->generation != slot.generation) { // erased meanwhile: not ours to take
      const auto ended = co_await wait(flight, give_up - clock_.now());
      if (!ended && ended.error().code == Errc::timeout && !flight->outcome)
        co_return ended.error();
      continue;
    }
    if (!flight && may_try(slot, now)) flight = start(key, slot);

    if (now == Freshness::critical) {
      const Held held = *slot.held;
      if (flight) {
        const Duration limit = std::min<Duration>(k_critical_wait, give_up - clock_.now());
        auto renewed = co_await wait(flight, limit);
        if (renewed) co_return renewed;
      }
      if (freshness(held.life, clock_.now()) != Freshness::expired) co_return held.value;
      co_return Error{Errc::transient, "the token expired while its successor was awaited"};
    }
    if (!flight) co_return *slot.last_error;
    co_return co_await wait(flight, give_up - clock_.now());
  }
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
  const auto found = slots_.find(key);
  if (found == slots_.end()) return;
  if (!found->second.flight) {
    slots_.erase(found);
    return;
  }
  // The flight keeps the slot; what it brings belongs to the past.
  Slot& slot = found->second;
  slot.held.reset();
  slot.last_error.reset();
  slot.failures = 0;
  slot.next_try = {};
  slot.generation = ++generations_;
}

template <class Key, class Value>
void Renewing<Key, Value>::forgive()
{
  for (auto& [key, slot] : slots_) {
    slot.failures = 0;
    slot.next_try = {};
  }
}

template <class Key, class Value>
void Renewing<Key, Value>::forgive(const Key& key)
{
  const auto found = slots_.find(key);
  if (found == slots_.end()) return;
  found->second.failures = 0;
  found->second.next_try = {};
}

template <class Key, class Value>
std::optional<Value> Renewing<Key, Value>::held(const Key& key) const
{
  const auto found = slots_.find(key);
  if (found == slots_.end() || !found->second.held) return std::nullopt;
  return found->second.held->value;
}

template <class Key, class Value>
template <class Visitor>
void Renewing<Key, Value>::visit(Visitor visitor) const
{
  for (const auto& [key, slot] : slots_) {
    RenewalView view;
    if (slot.held) view.life = slot.held->life;
    view.last_used = slot.last_used;
    view.in_flight = slot.flight != nullptr;
    view.last_error = slot.last_error;
    if (slot.failures != 0) view.next_try = slot.next_try;
    visitor(key, view);
  }
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
typename Renewing<Key, Value>::Slot& Renewing<Key, Value>::touch(const Key& key)
{
  auto found = slots_.find(key);
  if (found == slots_.end()) {
    make_room();
    found = slots_.try_emplace(key).first;
    found->second.generation = ++generations_;
  }
  found->second.last_used = clock_.now();
  return found->second;
}

// The least recently used slot that nobody waits for goes first.
template <class Key, class Value>
void Renewing<Key, Value>::make_room()
{
  if (slots_.size() < max_keys_) return;
  auto oldest = slots_.end();
  for (auto it = slots_.begin(); it != slots_.end(); ++it)
    if (!it->second.flight &&
        (oldest == slots_.end() || it->second.last_used < oldest->second.last_used))
      oldest = it;
  if (oldest != slots_.end()) slots_.erase(oldest);
}

template <class Key, class Value>
Freshness Renewing<Key, Value>::state(const Slot& slot) const
{
  return slot.held ? freshness(slot.held->life, clock_.now()) : Freshness::expired;
}

template <class Key, class Value>
bool Renewing<Key, Value>::may_try(const Slot& slot, Freshness state) const
{
  const BootTime now = clock_.now();
  if (now >= slot.next_try) return true;
  if (state == Freshness::due) return false;
  if (!slot.last_error) return state == Freshness::expired;
  // Somebody waits for it: what may pass by itself is tried sooner, never in a storm,
  // and never against the word of the other side.
  return is_temporary(slot.last_error->code) && !slot.last_error->retry_after &&
         now >= slot.last_try + k_forced_spacing;
}

template <class Key, class Value>
std::shared_ptr<typename Renewing<Key, Value>::Flight> Renewing<Key, Value>::start(const Key& key,
                                                                                   Slot& slot)
{
  auto flight = std::make_shared<Flight>(ex_, slot.generation);
  slot.flight = flight;
  slot.last_try = clock_.now();
  spawn(ex_, "fetch", run(key, flight));
  return flight;
}

template <class Key, class Value>
boost::asio::awaitable<void> Renewing<Key, Value>::run(Key key, std::shared_ptr<Flight> flight)
{
  auto fetched = co_await contained(with_timeout(clock_, k_fetch_limit, contained(fetch_(key))));
  flight->outcome = land(key, *flight, std::move(fetched));
  flight->done.set();
}

template <class Key, class Value>
Result<Value>
Renewing<Key, Value>::land(const Key& key, const Flight& flight, Result<Fetched<Value>> fetched)
{
  const auto found = slots_.find(key); // a slot in flight is never dropped
  Slot& slot = found->second;
  slot.flight.reset();
  if (slot.generation != flight.generation) {
    slots_.erase(found);
    if (!fetched) return fetched.error();
    return std::move(fetched->value); // for those who asked before the erase
  }
  if (fetched) return install(slot, std::move(*fetched));
  note_failure(slot, fetched.error());
  ring_before(slot.next_try);
  return fetched.error();
}

template <class Key, class Value>
Result<Value> Renewing<Key, Value>::install(Slot& slot, Fetched<Value> fetched)
{
  const Lifetime life = draw_lifetime(fetched.sent_at, fetched.life, uniform_());
  if (freshness(life, clock_.now()) == Freshness::expired) {
    const Error late(Errc::transient, "the token that came was already at its end");
    note_failure(slot, late);
    return late;
  }
  slot.failures = 0;
  slot.last_error.reset();
  if (slot.held && slot.held->life.expires_at >= life.expires_at) {
    // The same one again: not before a while, or the renewal would spin.
    slot.next_try = clock_.now() + back_off(9, slot.held->life.expires_at - clock_.now(),
                                            std::nullopt, uniform_());
    slot.held->life.renew_at = std::min(slot.next_try, slot.held->life.expires_at);
    ring_before(slot.held->life.renew_at);
    return slot.held->value;
  }
  slot.held = Held{fetched.value, life};
  slot.next_try = {};
  ring_before(life.renew_at);
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
  slot.last_error = error;
}

template <class Key, class Value>
boost::asio::awaitable<Result<Value>> Renewing<Key, Value>::wait(std::shared_ptr<Flight> flight,
                                                                 Duration patience)
{
  if (!flight->outcome) {
    const auto ended = co_await with_timeout(clock_, patience, landed(flight));
    if (!ended) co_return ended.error();
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
    tend_at_ = BootTime::max();
    for (auto it = slots_.begin(); it != slots_.end();) {
      auto& [key, slot] = *it;
      const BootTime next = tend_slot(key, slot);
      tend_at_ = std::min(tend_at_, next);
      if (!slot.held && !slot.flight && slot.failures == 0)
        it = slots_.erase(it);
      else
        ++it;
    }
    bell_ = std::make_shared<Event>(ex_);
    const Duration pause =
        tend_at_ == BootTime::max() ? Duration(std::chrono::hours(24)) : tend_at_ - clock_.now();
    (void)co_await with_timeout(clock_, pause, rung(bell_));
  }
}

// Does what is due for one slot; says when it wants to be looked at again.
template <class Key, class Value>
BootTime Renewing<Key, Value>::tend_slot(const Key& key, Slot& slot)
{
  const BootTime now = clock_.now();
  if (slot.flight) return BootTime::max(); // its landing rings
  if (!slot.held) {                        // only a failure is remembered
    if (now < slot.next_try) return slot.next_try;
    slot.failures = 0;
    slot.last_error.reset();
    return BootTime::max();
  }
  const Lifetime& life = slot.held->life;
  if (freshness(life, now) == Freshness::expired) {
    slot.held.reset();
    return slot.failures == 0 ? BootTime::max() : std::max(slot.next_try, now);
  }
  if (now < life.renew_at) return life.renew_at;
  const BootTime dead = life.expires_at - life.serve_floor();
  if (now - slot.last_used > interest_window(life.length())) return dead;
  if (slot.failures != 0 && now < slot.next_try) return std::min(slot.next_try, dead);
  // What it is derived from is gone, and only the next asker can bring it again.
  if (slot.last_error && slot.last_error->code == Errc::expired_source) return dead;
  start(key, slot);
  return BootTime::max();
}

template <class Key, class Value>
void Renewing<Key, Value>::ring_before(BootTime moment)
{
  if (moment < tend_at_ && bell_) bell_->set();
}

} // namespace purser
