#include "tests/unit/renewal/simulation.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/system/system_error.hpp>

#include <functional>
#include <utility>

namespace purser::test {

using namespace std::chrono_literals;

namespace {

constexpr int k_crowd = 1000;

Duration life_of(double u)
{
  if (u < 0.70) return 12h;
  if (u < 0.90) return 1h;
  if (u < 0.95) return 15min;
  if (u < 0.98) return 5min;
  return 60s;
}

} // namespace

struct Simulation::Attempt {
  Attempt(Simulation& s, int key)
    : simulation(s)
    , known(s.referee_.begins(key, endpoint_of(key), s.issuers_.at(endpoint_of(key)), s.now()))
  {
  }
  ~Attempt()
  {
    if (!simulation.killed_)
      simulation.referee_.ends(known, outcome ? &*outcome : nullptr, simulation.now());
  }
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  Simulation& simulation;
  Referee::Attempt known;
  std::optional<Result<SimulatedTokenPtr>> outcome; // none where it was cancelled
};

Simulation::Process::Process(Simulation& simulation, BootTime start)
  : clock(io, start)
  , values(
        io.get_executor(),
        clock,
        [&simulation] { return simulation.chance_.uniform(); },
        [&simulation](int key) { return simulation.fetch(key); },
        endpoint_name,
        4096)
{
  spawn(io.get_executor(), "tend", values.tend());
}

Simulation::Simulation(Plan plan)
  : plan_(plan), chance_(plan.seed), referee_(static_cast<std::size_t>(plan.keys))
{
  for (std::size_t i = 0; i < Referee::k_endpoints; ++i)
    issuers_.emplace_back(plan.seed * 100 + i, i == 3);
  process_ = std::make_unique<Process>(*this, BootTime{} + 1h);
  for (int key = 0; key < plan.keys; ++key) {
    const Duration life = life_of(chance_.uniform());
    const int kind = chance_.below(10);
    Habit habit = kind < 3 ? Habit::sessions : kind < 5 ? Habit::bursts : Habit::rare;
    if (life == 12h && kind < 1) habit = Habit::steady;
    clients_.push_back(Client{life, habit});
    this->plan(Happening::question, chance_.between(0s, 12h), key);
  }
  for (const Happening what :
       {Happening::erase, Happening::refuse, Happening::renew, Happening::forgive, Happening::sleep,
        Happening::wall_jump, Happening::restart, Happening::stampede})
    this->plan(what, chance_.between(1h, 24h));
}

std::string Simulation::endpoint_name(int key)
{
  return std::string(1, static_cast<char>('a' + endpoint_of(key)));
}

void Simulation::note(std::uint64_t what)
{
  for (const std::uint64_t part :
       {what, static_cast<std::uint64_t>(now().time_since_epoch().count())})
    digest_ = (digest_ ^ part) * 0x100000001b3U + 1;
}

asio::awaitable<Result<Fetched<SimulatedTokenPtr>>> Simulation::fetch(int key)
{
  ++counts_.fetches;
  note(static_cast<std::uint64_t>(key));
  Attempt attempt(*this, key);
  ManualClock& clock = process_->clock;
  SimulatedIssuer& issuer = issuers_.at(endpoint_of(key));
  const BootTime sent_at = clock.now();
  const SimulatedIssuer::Reply reply = issuer.ask(sent_at);
  co_await clock.sleep_until(sent_at + reply.latency / 2);
  const auto issued =
      issuer.issue(key, clients_.at(static_cast<std::size_t>(key)).life, clock.now());
  co_await clock.sleep_until(sent_at + reply.latency);
  if (!reply.outcome) {
    plan_last_question(key);
    attempt.outcome = reply.outcome.error();
    co_return reply.outcome.error();
  }
  const SimulatedToken token{key, attempt.known.number, sent_at, issued.life, issued.dies};
  const SimulatedTokenPtr made = std::make_shared<const SimulatedToken>(token);
  attempt.outcome = made;
  co_return Fetched<SimulatedTokenPtr>(made, sent_at, issued.life);
}

asio::awaitable<void> Simulation::question(int key, Demand demand)
{
  ++counts_.questions;
  const Referee::Question question = referee_.asked(key, now(), demand.patience);
  try {
    const auto answer = co_await process_->values.get(key, demand);
    referee_.answered(question, answer, now());
    note(answer ? (*answer)->begun : 7);
    if (!answer) ++counts_.refused;
  } catch (const boost::system::system_error&) { // it left
    referee_.left(question);
  }
}

asio::awaitable<void> Simulation::renewal(int key)
{
  const Referee::Question question = referee_.asked(key, now(), 8500ms);
  (void)co_await process_->values.renew(key, 8500ms);
  referee_.left(question); // it may fail, whatever is held
}

// Where an outage lasts, somebody asks when what is held is about to die, or just did.
void Simulation::plan_last_question(int key)
{
  const auto view = process_->values.view(key);
  if (!view || !view->life || !chance_.one_in(4)) return;
  const BootTime when = view->life->expires_at - chance_.between(-1s, 45s);
  if (when > now()) plan(Happening::last_question, when - now(), key);
}

// What begins in the foreground begins now, or its endpoint's limit puts it off.
void Simulation::note_put_off(int key)
{
  const auto view = process_->values.view(key);
  if (view && view->in_flight && !referee_.in_flight(key)) referee_.put_off(key);
}

void Simulation::ask(int key, Demand demand)
{
  asio::co_spawn(process_->io, question(key, demand), asio::detached);
  process_->clock.run();
  note_put_off(key);
}

void Simulation::ask_and_leave(int key, Demand demand, Duration after)
{
  asio::cancellation_signal leave;
  asio::co_spawn(process_->io, question(key, demand),
                 asio::bind_cancellation_slot(leave.slot(), asio::detached));
  process_->clock.run();
  note_put_off(key);
  process_->clock.advance(after);
  leave.emit(asio::cancellation_type::terminal);
  process_->clock.run();
}

void Simulation::plan(Happening what, Duration from_now, int key)
{
  events_.emplace(now() + from_now, ++planned_, what, key);
}

void Simulation::run()
{
  const BootTime end = now() + plan_.length;
  while (!events_.empty() && std::get<0>(events_.top()) < end && broken().empty()) {
    const auto [when, number, what, key] = events_.top();
    events_.pop();
    if (when > now()) process_->clock.advance(when - now());
    happen(what, key);
  }
  process_->clock.advance(2min); // longer than any flight and any patience
  if (broken().empty()) referee_.ended();
}

void Simulation::happen(Happening what, int key)
{
  const int any = chance_.below(plan_.keys);
  switch (what) {
  case Happening::question: return question_of(key);
  case Happening::last_question: return ask(key, some_demand());
  case Happening::erase: erase(any); return plan(what, chance_.between(10min, 2h));
  case Happening::refuse: refuse(any); return plan(what, chance_.between(10min, 2h));
  case Happening::renew:
    referee_.disturbed(any, now());
    asio::co_spawn(process_->io, renewal(any), asio::detached);
    process_->clock.run();
    note_put_off(any);
    return plan(what, chance_.between(1h, 8h));
  case Happening::forgive: forgive(); return plan(what, chance_.between(4h, 48h));
  case Happening::sleep: sleep(); return plan(what, chance_.between(1h, 24h));
  case Happening::wall_jump:
    process_->clock.step_wall((chance_.one_in(2) ? 1 : -1) * plan_.wall_jump);
    return plan(what, chance_.between(1h, 48h));
  case Happening::restart: restart(); return plan(what, chance_.between(4h, 96h));
  case Happening::stampede: stampede(any); return plan(what, chance_.between(48h, 240h));
  }
}

Demand Simulation::some_demand()
{
  const int kind = chance_.below(20);
  const Duration patience = kind < 16 ? 8500ms : kind < 18 ? 1s : 30s;
  switch (chance_.below(10)) {
  case 0: return Demand(patience, 5min);
  case 1: return Demand(patience, 30min);
  case 2: return Demand(patience, 8h);
  default: return Demand(patience);
  }
}

void Simulation::question_of(int key)
{
  Client& client = clients_.at(static_cast<std::size_t>(key));
  const int at_once = client.habit == Habit::bursts ? 1 + chance_.below(8) : 1;
  for (int i = 0; i < at_once; ++i) {
    if (chance_.one_in(50))
      ask_and_leave(key, some_demand(), chance_.between(0s, 3s));
    else
      ask(key, some_demand());
  }
  if (chance_.one_in(50)) { // the registry did not like it, and the client tries again
    erase(key);
    ask(key, some_demand());
    if (chance_.one_in(2)) erase(key);
    ask(key, some_demand());
  }
  plan(Happening::question, until_next_question(client), key);
}

Duration Simulation::until_next_question(Client& client)
{
  switch (client.habit) {
  case Habit::steady: return chance_.between(1h, 6h);
  case Habit::bursts: return chance_.between(48h, 240h);
  case Habit::rare: return chance_.between(48h, 480h);
  case Habit::sessions: break;
  }
  if (client.left_in_session == 0) {
    client.left_in_session = 1 + chance_.below(10);
    return chance_.between(48h, 240h);
  }
  --client.left_in_session;
  return chance_.between(client.life / 20, client.life / 2);
}

void Simulation::erase(int key)
{
  const auto view = process_->values.view(key);
  referee_.erased(key, view && view->in_flight, now());
  process_->values.erase(key);
  process_->clock.run();
}

void Simulation::refuse(int key)
{
  const auto held = process_->values.held(key);
  if (!held) return;
  referee_.refused(key, **held);
  process_->values.erase_if(key,
                            [&held](const SimulatedTokenPtr& token) { return token == *held; });
  process_->clock.run();
}

void Simulation::forgive()
{
  for (int key = 0; key < plan_.keys; ++key)
    referee_.disturbed(key, now());
  process_->values.forgive();
  process_->clock.run();
}

// Who asks first afterwards may be sooner than the timers.
void Simulation::sleep()
{
  ++counts_.sleeps;
  process_->clock.suspend(chance_.one_in(2) ? chance_.between(10s, 10min)
                                            : chance_.between(10min, 10h));
  referee_.slept(now());
  if (chance_.one_in(2))
    for (int i = 0; i < 5; ++i)
      ask(chance_.below(plan_.keys), some_demand());
  process_->clock.advance(0s);
}

// The old process is gone with all that was in flight; the new one begins with what was held.
void Simulation::restart()
{
  ++counts_.restarts;
  auto holdings = process_->values.holdings();
  const BootTime start = now() + chance_.between(50ms, 30s);
  kill();
  referee_.restarted(start);
  process_ = std::make_unique<Process>(*this, start);
  killed_ = false;
  process_->values.restore(std::move(holdings));
  process_->clock.run();
}

// What was in flight ends without an outcome.
void Simulation::kill()
{
  killed_ = true;
  process_.reset();
}

void Simulation::stampede(int key)
{
  if (process_->values.view(key) && process_->values.view(key)->in_flight) return;
  ++counts_.stampedes;
  erase(key);
  const auto before = referee_.attempts(key);
  for (int i = 0; i < k_crowd; ++i)
    asio::co_spawn(process_->io, question(key, Demand(8500ms)), asio::detached);
  process_->clock.run();
  note_put_off(key);
  process_->clock.advance(10s);
  referee_.check(referee_.attempts(key) - before == 1, "a thousand misses are one fetch", key,
                 now());
}

} // namespace purser::test
