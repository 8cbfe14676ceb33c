#pragma once

#include "daemon/async/worker.hpp"
#include "daemon/store/chosen_store.hpp"
#include "daemon/store/store_choice.hpp"
#include "daemon/store/store_chooser.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

// What somebody wants of a migration.
struct MigrationPlan {
  // Where an entry lies in both stores and differs.
  enum class Conflicts : std::uint8_t { stop, keep_target, keep_source };

  explicit MigrationPlan(StoreKind t) : to(t) {}

  StoreKind to;
  Conflicts conflicts = Conflicts::stop;
  bool erase_keyring = false; // else entries that come from the Secret Service stay there as well
};

// How far it is, or how it ended.
struct MigrationProgress {
  enum class State : std::uint8_t { running, done, failed };

  explicit MigrationProgress(StoreKind t) : to(t) {}

  StoreKind to;
  State state = State::running;
  std::string_view step = "comparing"; // then "copying", "erasing"
  std::size_t done = 0;                // of this step
  std::size_t total = 0;
  std::size_t copied = 0;
  std::size_t erased = 0;             // from the source
  std::vector<std::string> conflicts; // names that differ, until somebody decides
  std::optional<Error> error;
  std::optional<Error> not_looked_into; // the store was this one already, and the other fails so
};

// Moves the entries of no namespace from one store to the other, and then the choice.
//
// Each entry is copied, read back and compared; then the other store is chosen, durably; only
// then entries are erased where they were, each once it was seen in the new place. So every entry
// lies in the store that is chosen, whenever this process dies, and beginning again ends it.
// Meanwhile changes wait (ChosenStore::close), those of other daemons are found by the last step.
class StoreMigration {
public:
  static constexpr Duration k_step_limit = std::chrono::seconds(10); // of one verb

  // All of them outlive this. `lock` is the path of a file that one migration holds at a time.
  StoreMigration(boost::asio::any_io_executor ex,
                 Clock& clock,
                 WorkerPool& files,
                 std::string lock,
                 ChosenStore& store,
                 StoreChooser& chooser);

  // Begins in the background. misconfigured where the configuration names the other store,
  // transient where one runs.
  [[nodiscard]] Result<> begin(MigrationPlan plan);
  // Of the last one; nothing before the first.
  [[nodiscard]] const std::optional<MigrationProgress>& progress() const { return progress_; }
  [[nodiscard]] bool running() const;

private:
  struct Move; // one run

  boost::asio::awaitable<void> run(MigrationPlan plan);
  boost::asio::awaitable<Result<>> carry_out(MigrationPlan plan);
  boost::asio::awaitable<Result<>> carry_out_alone(MigrationPlan plan);
  boost::asio::awaitable<bool> is_there_already(MigrationPlan plan);
  boost::asio::awaitable<Result<>> compare(Move& move);
  boost::asio::awaitable<Result<>> copy(Move& move);
  boost::asio::awaitable<Result<>> copy_one(Move& move, std::string key);
  boost::asio::awaitable<Result<>> choose(const Move& move, bool erasing);
  boost::asio::awaitable<Result<>> erase(Move& move);
  boost::asio::awaitable<Result<bool>> same_in_both(Move& move, std::string key);
  void begin_step(std::string_view step, std::size_t total);

  template <class T>
  boost::asio::awaitable<Result<T>> bounded(boost::asio::awaitable<Result<T>> verb);

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  WorkerPool& files_;
  std::string lock_;
  ChosenStore& store_;
  StoreChooser& chooser_;
  std::optional<MigrationProgress> progress_;
};

} // namespace purser
