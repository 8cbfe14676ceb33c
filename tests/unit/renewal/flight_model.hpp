#pragma once

#include "daemon/renewal/renewing.hpp"
#include "tests/support/manual_clock.hpp"

#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::test {

// One key of a real Renewing, to which anything may happen in any order, beside a small model
// that knows what it must hold and whom it must have answered. After each step the two are
// compared.
class FlightModel {
public:
  enum class Step {
    ask,     // with the patience of a client
    hurry,   // with that of one second
    leave,   // the one who has waited longest goes away
    renew,   // asks for a new one
    erase,   // what is held is forgotten, and what is on its way
    refuse,  // what is held was refused
    forgive, // as after a reload
    succeed, // the fetch brings a value
    fail,    // the fetch fails, which may pass
    reject,  // the fetch fails, which somebody has to mend
    pass,    // two seconds pass
    age,     // a minute passes, nearly: what was fresh is due, and what was due is dead
  };
  static constexpr std::array<std::string_view, 12> k_names{"ask",   "hurry",  "leave",   "renew",
                                                            "erase", "refuse", "forgive", "succeed",
                                                            "fail",  "reject", "pass",    "age"};

  FlightModel();
  FlightModel(const FlightModel&) = delete;
  FlightModel& operator=(const FlightModel&) = delete;

  // Another key, of which nothing is known.
  void begin();
  // Whether the step means anything now; if so, it was done.
  bool take(Step step);
  // Everything ends: nobody waits, and nothing is left behind.
  void end();

  // What did not hold, since begin(); empty where all did.
  [[nodiscard]] const std::string& broken() const { return broken_; }

private:
  struct Token {
    std::uint64_t begun = 0;
    BootTime expires_at;
  };
  using TokenPtr = std::shared_ptr<const Token>;
  struct Asker {
    std::uint64_t asked = 0;
    BootTime deadline;
    TokenPtr held;       // when it asked, alive
    bool forces = false; // renew
    bool done = false;
    asio::cancellation_signal leave;
  };
  using AskerPtr = std::shared_ptr<Asker>;
  struct Flight; // a fetch, at the issuer

  asio::awaitable<Result<Fetched<TokenPtr>>> fetch(int key);
  asio::awaitable<void> question(AskerPtr asker, Duration patience);
  void answered(Asker& asker, const Result<TokenPtr>& answer);

  bool ask(Duration patience, bool forces);
  bool leave();
  bool erase();
  bool refuse();
  bool forgive();
  bool land(std::optional<Error> error);
  bool pass(Duration d);
  void compare();
  void check(bool kept, std::string_view promise);
  [[nodiscard]] TokenPtr alive() const;
  [[nodiscard]] std::uint64_t last_erase() const { return erases_.empty() ? 0 : erases_.back(); }

  asio::io_context io_;
  ManualClock clock_{io_};
  Renewing<int, TokenPtr> values_;
  int key_ = 0;
  std::uint64_t number_ = 0;
  Flight* flight_ = nullptr;
  std::list<AskerPtr> askers_; // that have no answer
  TokenPtr held_;              // as it must be
  TokenPtr refused_;           // the last
  std::uint64_t refused_at_ = 0;
  std::vector<std::uint64_t> erases_; // when
  bool known_ = false;                // something happened to the key
  std::string broken_;
};

} // namespace purser::test
