#include "tests/unit/renewal/referee.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace purser::test {

using namespace std::chrono_literals;

namespace {
constexpr std::size_t k_most_reported = 10;
}

void Referee::check(bool kept, std::string_view promise, int key, BootTime now)
{
  if (kept || broken_.size() >= k_most_reported) return;
  broken_.push_back(std::string(promise) + " (key " + std::to_string(key) + ", at " +
                    std::to_string(std::chrono::duration<double>(now.time_since_epoch()).count()) +
                    " s)");
}

void Referee::Bucket::fill(BootTime now)
{
  const double passed = std::chrono::duration<double>(now - filled_at).count();
  left = std::min(burst, left + passed * each_second);
  filled_at = now;
}

bool Referee::Bucket::has_one(BootTime now)
{
  fill(now);
  return left > 1 - 1e-6;
}

bool Referee::Bucket::take(BootTime now)
{
  fill(now);
  left -= 1;
  return left > -1e-6;
}

// refresh.md's floor, said again.
bool Referee::may_be_served(const SimulatedToken& token, BootTime now)
{
  const Duration floor = std::min<Duration>(30s, token.life / 10);
  return token.sent_at + token.life - now > floor;
}

Referee::Question Referee::asked(int key, BootTime now, Duration patience)
{
  Known& known = at(key);
  ++known.waiting;
  const bool valid = known.held && may_be_served(*known.held, now);
  return Question{key, ++number_, now, now + patience, valid};
}

void Referee::answered(const Question& question,
                       const Result<SimulatedTokenPtr>& answer,
                       BootTime now)
{
  Known& known = at(question.key);
  --known.waiting;
  const auto promised = [this, &question, now](bool kept, std::string_view promise) {
    check(kept, promise, question.key, now);
  };
  promised(now <= std::max(question.deadline, woke_at_), "nobody waits longer than its patience");
  const auto next_erase =
      std::upper_bound(known.erases.begin(), known.erases.end(), question.number);
  const bool erased_since = next_erase != known.erases.end();
  if (!answer) {
    const bool slept_since = woke_at_ > question.asked_at;
    promised(!question.valid || erased_since || slept_since,
             "no request fails while a valid token is left");
    return;
  }
  const SimulatedToken& token = **answer;
  promised(token.key == question.key, "a key is answered with its own token");
  promised(may_be_served(token, now), "nothing is served within its floor");
  promised(now < token.dies, "nothing expired is served");
  promised(next_erase == known.erases.begin() || token.begun > *std::prev(next_erase),
           "what was erased is not served");
  const auto refused = known.refused.find(token.begun);
  promised(refused == known.refused.end() || refused->second > question.number,
           "what was refused is not served");
}

Referee::Attempt
Referee::begins(int key, std::size_t endpoint, SimulatedIssuer& issuer, BootTime now)
{
  Known& known = at(key);
  Limits& limits = limits_.at(endpoint);
  bool background = known.waiting == 0 && !known.put_off;
  // A renewal that was due and a question at the same moment: seen from here it may be either.
  if (!background && !known.put_off && known.held && !limits.foreground.has_one(now))
    background = true;
  known.put_off = false;
  ++known.attempts;
  check(++known.in_flight == 1, "a key has one flight", key, now);
  check_spacing(known, key, now);
  check_outage(known, key, issuer, now);
  if (background) {
    check(++limits.in_background <= 8, "eight are in the background", key, now);
    check(limits.background.take(now), "five a second begin in the background", key, now);
  } else {
    check(limits.foreground.take(now), "twenty a second begin in the foreground", key, now);
  }
  return Attempt{key, ++number_, endpoint, background, now};
}

void Referee::ends(const Attempt& attempt, const Result<SimulatedTokenPtr>* outcome, BootTime now)
{
  Known& known = at(attempt.key);
  --known.in_flight;
  if (attempt.background) --limits_.at(attempt.endpoint).in_background;
  const bool old = std::exchange(known.flight_is_old, false);
  if (old) return;
  if (outcome != nullptr && *outcome) {
    const SimulatedTokenPtr& token = **outcome;
    known.failed_at.reset();
    if (!may_be_served(*token, now)) return;
    const auto end = [](const SimulatedToken& t) { return t.sent_at + t.life; };
    if (!known.held || !may_be_served(*known.held, now) || end(*token) > end(*known.held))
      known.held = token;
    return;
  }
  known.failed_at = now;
  known.failed_began_at = attempt.begun_at;
  known.least_wait = 250ms;
  if (outcome == nullptr) return;
  const Error& error = outcome->error();
  if (error.code == Errc::rejected) known.least_wait = 1s;
  if (error.retry_after) known.least_wait = std::clamp<Duration>(*error.retry_after, 1s, 1h);
}

void Referee::check_spacing(const Known& known, int key, BootTime now)
{
  if (!known.failed_at || known.disturbed_at >= *known.failed_at) return;
  const bool forced = known.least_wait == 250ms && now - known.failed_began_at >= 2s;
  check(forced || now - *known.failed_at >= known.least_wait, "failures are waited for", key, now);
}

// Attempts for a token of twelve hours in an outage: 27 in an hour and 81 in four at most, of
// 2000 that were simulated, with half as much again. That is 9 and 18 an hour.
void Referee::check_outage(Known& known, int key, SimulatedIssuer& issuer, BootTime now)
{
  if (issuer.weather(now) != SimulatedIssuer::Weather::away) return;
  const bool calm =
      known.held && known.held->life >= 11h && may_be_served(*known.held, now + 40min);
  if (known.outage != issuer.since()) {
    known.outage = issuer.since();
    known.attempts_in_outage = 0;
    known.counted = true;
  }
  if (!calm || known.disturbed_at >= known.outage) known.counted = false;
  ++known.attempts_in_outage;
  const double hours = std::chrono::duration<double>(now - known.outage).count() / 3600;
  check(!known.counted || known.attempts_in_outage <= 1.5 * (9 + 18 * hours),
        "an outage costs few attempts", key, now);
}

void Referee::erased(int key, bool in_flight, BootTime now)
{
  Known& known = at(key);
  known.erases.push_back(++number_);
  known.held.reset();
  known.disturbed_at = now;
  known.flight_is_old = in_flight;
}

void Referee::refused(int key, const SimulatedToken& token)
{
  Known& known = at(key);
  known.refused.emplace(token.begun, ++number_);
  if (known.held && known.held->begun == token.begun) known.held.reset();
}

void Referee::restarted(BootTime now)
{
  for (Known& known : keys_) {
    known.in_flight = known.waiting = 0;
    known.flight_is_old = known.put_off = false;
    known.disturbed_at = now;
  }
  limits_ = {};
}

void Referee::ended()
{
  for (std::size_t i = 0; i < keys_.size(); ++i)
    check(keys_[i].waiting == 0, "no waiter is lost", static_cast<int>(i), woke_at_);
}

} // namespace purser::test
