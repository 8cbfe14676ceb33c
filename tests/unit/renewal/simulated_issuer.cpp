#include "tests/unit/renewal/simulated_issuer.hpp"

namespace purser::test {

using namespace std::chrono_literals;

SimulatedIssuer::SimulatedIssuer(std::uint64_t seed, bool hands_out_again)
  : chance_(seed)
  , hands_out_again_(hands_out_again)
  , civil_(chance_.between(-24h * 365 * 10, 24h * 365 * 10))
  , until_(BootTime{} + chance_.between(1h, 24h))
{
}

SimulatedIssuer::Weather SimulatedIssuer::weather(BootTime now)
{
  while (until_ <= now)
    change_weather();
  return weather_;
}

void SimulatedIssuer::change_weather()
{
  since_ = until_;
  if (weather_ != Weather::fine) {
    weather_ = Weather::fine;
    until_ += chance_.between(2h, 40h);
    return;
  }
  weather_ = static_cast<Weather>(1 + chance_.below(6));
  switch (weather_) {
  case Weather::flaky: until_ += chance_.between(1h, 8h); break;
  case Weather::slow: until_ += chance_.between(10min, 2h); break;
  case Weather::hanging: until_ += chance_.between(1min, 30min); break;
  case Weather::throttling: until_ += chance_.between(1min, 20min); break;
  case Weather::refusing: until_ += chance_.between(1min, 1h); break;
  case Weather::away:
  case Weather::fine: until_ += chance_.between(30s, 5h); break;
  }
}

SimulatedIssuer::Reply SimulatedIssuer::ask(BootTime now)
{
  Reply reply;
  reply.latency = chance_.between(20ms, 400ms);
  const Error outage(Errc::transient, "scripted outage");
  switch (weather(now)) {
  case Weather::fine: break;
  case Weather::flaky:
    if (chance_.one_in(10)) reply.outcome = outage;
    break;
  case Weather::slow: reply.latency = chance_.between(2s, 20s); break;
  case Weather::hanging: reply.latency = 10min; break;
  case Weather::throttling:
    reply.outcome = chance_.one_in(3)
                        ? Error(Errc::throttled, "scripted throttling")
                        : Error(Errc::throttled, "scripted throttling", chance_.between(0s, 2min));
    break;
  case Weather::refusing: reply.outcome = Error(Errc::rejected, "scripted refusal"); break;
  case Weather::away:
    if (chance_.one_in(2)) reply.latency = chance_.between(1s, 10s);
    reply.outcome = outage;
    break;
  }
  return reply;
}

SimulatedIssuer::Issued SimulatedIssuer::issue(int key, Duration life, BootTime now)
{
  BootTime dies = now + life;
  if (hands_out_again_) {
    BootTime& known = dies_[key];
    if (known - now < life * 57 / 100) known = dies;
    dies = known;
  }
  const auto shown = [this](BootTime t) {
    return std::chrono::floor<std::chrono::seconds>(t.time_since_epoch() + civil_);
  };
  return Issued{shown(dies) - shown(now), dies};
}

} // namespace purser::test
