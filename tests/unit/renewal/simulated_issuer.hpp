#pragma once

#include "common/result.hpp"
#include "daemon/time/clock.hpp"

#include <cstdint>
#include <map>
#include <random>

namespace purser::test {

// Chance, from one seed.
class Chance {
public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}

  double uniform() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }
  bool one_in(double n) { return uniform() * n < 1; }
  int below(int n) { return static_cast<int>(uniform() * n); }
  Duration between(Duration least, Duration most)
  {
    return least + Duration(static_cast<Duration::rep>(
                       uniform() * static_cast<double>((most - least).count())));
  }

private:
  std::mt19937_64 engine_;
};

// One endpoint that issues tokens: mostly well, at times flaky, slow, hanging, throttling,
// refusing or away. Its civil clock is years off, and it may hand out one token until almost half
// of its life is over.
class SimulatedIssuer {
public:
  enum class Weather { fine, flaky, slow, hanging, throttling, refusing, away };
  struct Reply {
    Duration latency{};
    Result<> outcome; // of the fetch, after `latency`
  };
  struct Issued {
    Duration life{}; // as a client of it computes it: expiresAt - Date, in seconds
    BootTime dies{}; // in truth
  };

  SimulatedIssuer(std::uint64_t seed, bool hands_out_again);

  [[nodiscard]] Reply ask(BootTime now);
  [[nodiscard]] Issued issue(int key, Duration life, BootTime now);

  [[nodiscard]] Weather weather(BootTime now);
  // Since when it has been as it is now.
  [[nodiscard]] BootTime since() const { return since_; }

private:
  void change_weather();

  Chance chance_;
  bool hands_out_again_;
  Duration civil_; // what its clock shows more than ours
  Weather weather_ = Weather::fine;
  BootTime since_{};
  BootTime until_{};
  std::map<int, BootTime> dies_;
};

} // namespace purser::test
