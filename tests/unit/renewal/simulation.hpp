#pragma once

#include "tests/support/manual_clock.hpp"
#include "tests/unit/renewal/referee.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <queue>
#include <string>
#include <tuple>
#include <vector>

namespace purser::test {

// A month in the life of a daemon, in virtual time and all from one seed: its clients and their
// habits, issuers and their weather, sleeps, restarts, and a civil clock that jumps by years.
class Simulation {
public:
  struct Plan {
    std::uint64_t seed = 1;
    int keys = 1000;
    Duration length = std::chrono::hours(24 * 30);
    Duration wall_jump = std::chrono::hours(24 * 365 * 10); // there or back
  };
  struct Counts {
    std::uint64_t questions = 0;
    std::uint64_t refused = 0;
    std::uint64_t fetches = 0;
    std::uint64_t sleeps = 0;
    std::uint64_t restarts = 0;
    std::uint64_t stampedes = 0;
  };

  explicit Simulation(Plan plan);
  ~Simulation() { kill(); }
  Simulation(const Simulation&) = delete;
  Simulation& operator=(const Simulation&) = delete;

  void run();

  [[nodiscard]] const std::vector<std::string>& broken() const { return referee_.broken(); }
  [[nodiscard]] const Counts& counts() const { return counts_; }
  // Of all that happened, and when.
  [[nodiscard]] std::uint64_t digest() const { return digest_; }

private:
  using Values = Renewing<int, SimulatedTokenPtr>;

  enum class Habit { steady, sessions, bursts, rare };
  struct Client {
    Duration life;
    Habit habit;
    int left_in_session = 0;
  };
  // Members are destroyed as Renewing wants it: the loop last.
  struct Process {
    Process(Simulation& simulation, BootTime start);

    asio::io_context io;
    ManualClock clock;
    Values values;
  };
  enum class Happening {
    question,
    last_question,
    erase,
    refuse,
    renew,
    forgive,
    sleep,
    wall_jump,
    restart,
    stampede
  };
  using Event = std::tuple<BootTime, std::uint64_t, Happening, int>;
  // A flight ends also where it is cancelled.
  struct Attempt;

  static std::string endpoint_name(int key);
  static std::size_t endpoint_of(int key)
  {
    return static_cast<std::size_t>(key) % Referee::k_endpoints;
  }

  asio::awaitable<Result<Fetched<SimulatedTokenPtr>>> fetch(int key);
  asio::awaitable<void> question(int key, Demand demand);
  asio::awaitable<void> renewal(int key);
  void ask(int key, Demand demand);
  void ask_and_leave(int key, Demand demand, Duration after);
  void note_put_off(int key);
  void plan_last_question(int key);

  void plan(Happening what, Duration from_now, int key = -1);
  void happen(Happening what, int key);
  void question_of(int key);
  Demand some_demand();
  Duration until_next_question(Client& client);
  void erase(int key);
  void refuse(int key);
  void forgive();
  void sleep();
  void restart();
  void kill();
  void stampede(int key);

  [[nodiscard]] BootTime now() const { return process_->clock.now(); }
  void note(std::uint64_t what);

  Plan plan_;
  Chance chance_;
  Referee referee_;
  std::vector<SimulatedIssuer> issuers_;
  std::vector<Client> clients_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
  std::uint64_t planned_ = 0;
  Counts counts_;
  std::uint64_t digest_ = 0;
  bool killed_ = false;
  std::unique_ptr<Process> process_;
};

} // namespace purser::test
