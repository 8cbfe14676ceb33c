#include "tests/unit/renewal/flight_model.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace purser::test {

using namespace std::chrono_literals;

namespace {

constexpr Duration k_life = 100s; // due from 57.5 s, critical from 85 s, dead from 90 s
constexpr Duration k_floor = 10s;

} // namespace

struct FlightModel::Flight {
  explicit Flight(FlightModel& m) : model(m), begun(++m.number_), landed(m.io_.get_executor())
  {
    model.check(model.flight_ == nullptr, "a key has one flight");
    model.flight_ = this;
  }
  ~Flight() { model.flight_ = nullptr; }
  Flight(const Flight&) = delete;
  Flight& operator=(const Flight&) = delete;

  FlightModel& model;
  std::uint64_t begun;
  purser::Event landed;
  std::optional<Error> error;
};

FlightModel::FlightModel()
  : values_(
        io_.get_executor(),
        clock_,
        [] { return 0.5; },
        [this](int key) { return fetch(key); },
        [](int) { return std::string(); },
        100)
{
  spawn(io_.get_executor(), "tend", values_.tend());
  clock_.run();
}

void FlightModel::check(bool kept, std::string_view promise)
{
  if (!kept && broken_.empty()) broken_ = promise;
}

FlightModel::TokenPtr FlightModel::alive() const
{
  return held_ && held_->expires_at - clock_.now() > k_floor ? held_ : nullptr;
}

asio::awaitable<Result<Fetched<FlightModel::TokenPtr>>> FlightModel::fetch(int key)
{
  check(key == key_, "nothing is fetched for a key that is gone");
  Flight flight(*this);
  const BootTime sent_at = clock_.now();
  co_await flight.landed.wait();
  if (flight.error) co_return *flight.error;
  const Token token{flight.begun, sent_at + k_life};
  TokenPtr made = std::make_shared<const Token>(token);
  const bool late = token.expires_at - clock_.now() <= k_floor;
  if (flight.begun > last_erase() && !late) held_ = made;
  co_return Fetched<TokenPtr>(std::move(made), sent_at, k_life);
}

asio::awaitable<void> FlightModel::question(AskerPtr asker, Duration patience)
{
  try {
    auto asked =
        asker->forces ? values_.renew(key_, patience) : values_.get(key_, Demand(patience));
    const auto answer = co_await std::move(asked);
    answered(*asker, answer);
  } catch (const boost::system::system_error&) { // it left
  }
  askers_.remove(asker);
}

void FlightModel::answered(Asker& asker, const Result<TokenPtr>& answer)
{
  check(!std::exchange(asker.done, true), "an asker has one answer");
  check(clock_.now() <= asker.deadline, "nobody waits longer than its patience");
  if (!answer) {
    const bool lost = asker.held && asker.asked > std::max(last_erase(), refused_at_);
    check(asker.forces || !lost, "nobody is refused who asked while a value lived");
    return;
  }
  const Token& token = **answer;
  check(token.expires_at - clock_.now() > k_floor, "nothing dead is handed out");
  const auto after = std::upper_bound(erases_.begin(), erases_.end(), asker.asked);
  check(after == erases_.begin() || token.begun > *std::prev(after),
        "who asks after an erase is given what was fetched after it");
  check(asker.asked < refused_at_ || *answer != refused_, "what was refused is not handed out");
  check(!asker.forces || !asker.held || *answer != asker.held, "who forces is given a new one");
}

bool FlightModel::take(Step step)
{
  clock_.advance(1ms); // no two values end at the same moment
  switch (step) {
  case Step::ask: return ask(8500ms, false);
  case Step::hurry: return ask(1s, false);
  case Step::renew: return ask(8500ms, true);
  case Step::leave: return leave();
  case Step::erase: return erase();
  case Step::refuse: return refuse();
  case Step::forgive: return forgive();
  case Step::succeed: return land(std::nullopt);
  case Step::fail: return land(Error(Errc::transient, "scripted failure"));
  case Step::reject: return land(Error(Errc::rejected, "scripted refusal"));
  case Step::pass: return pass(2s);
  case Step::age: return pass(58s);
  }
  return false;
}

bool FlightModel::ask(Duration patience, bool forces)
{
  const auto asker = std::make_shared<Asker>();
  asker->asked = ++number_;
  asker->deadline = clock_.now() + patience;
  asker->held = alive();
  asker->forces = forces;
  askers_.push_back(asker);
  known_ = true;
  asio::co_spawn(io_, question(asker, patience),
                 asio::bind_cancellation_slot(asker->leave.slot(), asio::detached));
  clock_.run();
  const bool fresh = asker->held && asker->held->expires_at - clock_.now() > k_life / 4;
  check(forces || !fresh || asker->done, "what lives long enough is handed out at once");
  compare();
  return true;
}

bool FlightModel::leave()
{
  if (askers_.empty()) return false;
  askers_.front()->leave.emit(asio::cancellation_type::terminal);
  clock_.run();
  compare();
  return true;
}

bool FlightModel::erase()
{
  if (!known_) return false;
  erases_.push_back(++number_);
  held_.reset();
  values_.erase(key_);
  clock_.run();
  compare();
  return true;
}

bool FlightModel::refuse()
{
  const TokenPtr wrong = alive();
  if (!wrong) return false;
  refused_ = wrong;
  refused_at_ = ++number_;
  held_.reset();
  values_.erase_if(key_, [&wrong](const TokenPtr& token) { return token == wrong; });
  clock_.run();
  compare();
  return true;
}

bool FlightModel::forgive()
{
  if (!known_) return false;
  values_.forgive();
  clock_.run();
  compare();
  return true;
}

bool FlightModel::land(std::optional<Error> error)
{
  if (flight_ == nullptr) return false;
  const std::uint64_t begun = flight_->begun;
  const bool came = !error;
  const auto after = std::upper_bound(erases_.begin(), erases_.end(), begun);
  const bool ours = after == erases_.end();
  flight_->error = std::move(error);
  flight_->landed.set();
  clock_.run();
  for (const AskerPtr& asker : askers_) {
    const bool joined = ours || asker->asked < *after; // else it waits for the next
    check(!joined, came ? "who waited is given what came" : "who waited is told of the failure");
  }
  compare();
  return true;
}

bool FlightModel::pass(Duration d)
{
  if (!known_) return false;
  clock_.advance(d);
  compare();
  return true;
}

void FlightModel::compare()
{
  for (const AskerPtr& asker : askers_) {
    check(flight_ != nullptr, "nobody waits for nothing");
    check(asker->deadline > clock_.now(), "nobody waits longer than its patience");
  }
  const auto held = values_.held(key_);
  const TokenPtr expected = alive();
  if (expected)
    check(held == expected, "what came last is held");
  else
    check(!held || (*held)->expires_at - clock_.now() <= k_floor, "nothing else is held");
  const auto view = values_.view(key_);
  check((view && view->in_flight) == (flight_ != nullptr), "a flight is known while it lasts");
}

void FlightModel::begin()
{
  ++key_;
  broken_.clear();
  held_ = refused_ = nullptr;
  erases_.clear();
  known_ = false;
}

void FlightModel::end()
{
  while (flight_ != nullptr && broken_.empty())
    land(Error(Errc::transient, "scripted end"));
  check(askers_.empty(), "no waiter is lost");
  values_.erase(key_);
  clock_.run();
  check(!values_.view(key_).has_value(), "no slot is left behind");
  check(clock_.sleepers() == 1, "nobody sleeps but the one who tends");
}

} // namespace purser::test
