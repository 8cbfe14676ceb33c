#pragma once

#include "daemon/renewal/renewing.hpp"
#include "tests/unit/renewal/simulated_issuer.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser::test {

// What the simulation fetches.
struct SimulatedToken {
  int key;
  std::uint64_t begun; // the number of its fetch in the order of all that happened
  BootTime sent_at;
  Duration life;
  BootTime dies; // at the issuer, whatever it says
};
using SimulatedTokenPtr = std::shared_ptr<const SimulatedToken>;

// Watches from outside what Renewing is asked, answers and asks of the issuers, and says where
// that breaks a promise. It has its own idea of what must be held, and shares no code with the
// policy.
class Referee {
public:
  static constexpr std::size_t k_endpoints = 4;

  struct Question {
    int key = 0;
    std::uint64_t number = 0;
    BootTime asked_at;
    BootTime deadline;
    bool valid = false; // something that may be served was held
  };
  struct Attempt {
    int key = 0;
    std::uint64_t number = 0;
    std::size_t endpoint = 0;
    bool background = false;
    BootTime begun_at;
  };

  explicit Referee(std::size_t keys) : keys_(keys) {}

  [[nodiscard]] Question asked(int key, BootTime now, Duration patience);
  void answered(const Question& question, const Result<SimulatedTokenPtr>& answer, BootTime now);
  void left(const Question& question) { --at(question.key).waiting; }
  // After a question: whether its fetch has yet to begin, which the limits put off.
  void put_off(int key) { at(key).put_off = true; }

  [[nodiscard]] Attempt
  begins(int key, std::size_t endpoint, SimulatedIssuer& issuer, BootTime now);
  // Nothing where it was cancelled.
  void ends(const Attempt& attempt, const Result<SimulatedTokenPtr>* outcome, BootTime now);

  void erased(int key, bool in_flight, BootTime now);
  // The other side refused what was held: only that one, whatever comes meanwhile.
  void refused(int key, const SimulatedToken& token);
  // Somebody asked for a new try: the waits of before do not count.
  void disturbed(int key, BootTime now) { at(key).disturbed_at = now; }
  void slept(BootTime now) { woke_at_ = now; }
  void restarted(BootTime now);
  void ended();

  [[nodiscard]] bool in_flight(int key) const { return keys_.at(index(key)).in_flight != 0; }
  [[nodiscard]] std::uint64_t attempts(int key) const { return keys_.at(index(key)).attempts; }
  [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }
  void check(bool kept, std::string_view promise, int key, BootTime now);

private:
  // A bucket of a limit, refilled as time passes.
  struct Bucket {
    double burst;
    double each_second;
    double left = burst;
    BootTime filled_at{};

    void fill(BootTime now);
    [[nodiscard]] bool has_one(BootTime now);
    bool take(BootTime now);
  };
  struct Limits {
    Bucket background{10, 5};
    Bucket foreground{100, 20};
    int in_background = 0;
  };
  struct Known {
    SimulatedTokenPtr held;
    std::vector<std::uint64_t> erases;              // when
    std::map<std::uint64_t, std::uint64_t> refused; // which token, when
    bool flight_is_old = false;                     // an erase came after it began
    bool put_off = false;
    int in_flight = 0;
    int waiting = 0;
    std::uint64_t attempts = 0;
    BootTime disturbed_at{};
    std::optional<BootTime> failed_at;
    BootTime failed_began_at{};
    Duration least_wait{};
    BootTime outage{}; // the one that attempts are counted in
    int attempts_in_outage = 0;
    bool counted = false;
  };

  static std::size_t index(int key) { return static_cast<std::size_t>(key); }
  Known& at(int key) { return keys_.at(index(key)); }
  static bool may_be_served(const SimulatedToken& token, BootTime now);
  void check_spacing(const Known& known, int key, BootTime now);
  void check_outage(Known& known, int key, SimulatedIssuer& issuer, BootTime now);

  std::vector<Known> keys_;
  std::array<Limits, k_endpoints> limits_;
  std::uint64_t number_ = 0;
  BootTime woke_at_{};
  std::vector<std::string> broken_;
};

} // namespace purser::test
