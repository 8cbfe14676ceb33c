#include "daemon/store/store_migration.hpp"

#include "daemon/async/spawn.hpp"
#include "daemon/async/timeout.hpp"
#include "daemon/store/file_lock.hpp"
#include "daemon/time/civil_text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

namespace purser {
namespace asio = boost::asio;
using Conflicts = MigrationPlan::Conflicts;

namespace {

constexpr std::size_t k_most_named = 10; // entries in one line

bool same(const Credential& a, const Credential& b)
{
  return a.username == b.username && a.secret == b.secret;
}

Result<FileLock> take_lock(const std::string& path)
{
  const std::filesystem::path file(path);
  const auto folder = PrivateFolder::open(file.parent_path().native());
  if (!folder) return folder.error();
  auto lock = FileLock::try_take(*folder, file.filename().native());
  if (!lock) return lock.error();
  if (!*lock)
    return with_remedy({Errc::transient, "another purserd moves stored credentials: wait for it"});
  return std::move(**lock);
}

Error differ(const std::vector<std::string>& keys)
{
  std::string names;
  for (std::size_t i = 0; i < std::min(keys.size(), k_most_named); ++i)
    names += (i == 0 ? "" : ", ") + keys[i];
  if (keys.size() > k_most_named)
    names += " and " + std::to_string(keys.size() - k_most_named) + " more";
  return with_remedy({Errc::bad_request, names + (keys.size() == 1 ? " is" : " are") +
                                             " stored in both places and differ, so nothing was "
                                             "changed: say which one is right, with --keep-target "
                                             "or --keep-source"});
}

// A keyring that no program offers, not one that is there and locked, nor a damaged file.
bool cannot_be_reached(const Error& error)
{
  return is_temporary(error.code) || error.code == Errc::misconfigured;
}

Error about(const std::string& key, Error error)
{
  error.what = key + ": " + error.what;
  return error;
}

} // namespace

struct StoreMigration::Move {
  Move(MigrationPlan p, CredentialStore& from, CredentialStore& to)
    : plan(p), source(from), target(to)
  {
  }

  [[nodiscard]] bool erases() const
  {
    return plan.to == StoreKind::secret_service || plan.erase_keyring;
  }

  MigrationPlan plan;
  CredentialStore& source;
  CredentialStore& target;
  std::vector<std::string> to_copy;
  std::set<std::string> kept_in_target; // what differs there, and is right
};

StoreMigration::StoreMigration(asio::any_io_executor ex,
                               Clock& clock,
                               WorkerPool& files,
                               std::string lock,
                               ChosenStore& store,
                               StoreChooser& chooser)
  : ex_(std::move(ex))
  , clock_(clock)
  , files_(files)
  , lock_(std::move(lock))
  , store_(store)
  , chooser_(chooser)
{
}

bool StoreMigration::running() const
{
  return progress_ && progress_->state == MigrationProgress::State::running;
}

Result<> StoreMigration::begin(MigrationPlan plan)
{
  if (running())
    return with_remedy(
        {Errc::transient, "stored credentials are being moved already: see purser store"});
  const auto configured = chooser_.configured();
  if (configured && *configured != plan.to)
    return with_remedy(
        {Errc::misconfigured, "store.kind in the configuration is \"" +
                                  std::string(to_string(*configured)) +
                                  "\", so nothing was moved: change it to \"auto\" or \"" +
                                  std::string(to_string(plan.to)) + "\" first"});
  progress_.emplace(plan.to);
  spawn(ex_, "store migration", run(plan));
  return {};
}

asio::awaitable<void> StoreMigration::run(MigrationPlan plan)
{
  const auto ended = co_await contained(carry_out(plan));
  progress_->state = ended ? MigrationProgress::State::done : MigrationProgress::State::failed;
  if (ended && progress_->not_looked_into) {
    spdlog::info("the store is \"{}\" already; the other one is not looked into: {}",
                 to_string(plan.to), progress_->not_looked_into->what);
    co_return;
  }
  if (ended) {
    spdlog::info("{} stored credentials were copied to the store \"{}\", {} erased in the other",
                 progress_->copied, to_string(plan.to), progress_->erased);
    co_return;
  }
  progress_->error = ended.error();
  spdlog::warn("stored credentials were not moved: {}", ended.error().what);
}

asio::awaitable<Result<>> StoreMigration::carry_out(MigrationPlan plan)
{
  auto job = [path = lock_] { return take_lock(path); };
  const auto lock = co_await files_.run<FileLock>(std::move(job));
  if (!lock) co_return lock.error();
  const auto closed = co_await store_.close();
  if (!closed) co_return closed.error();
  co_return co_await carry_out_alone(plan);
}

asio::awaitable<Result<>> StoreMigration::carry_out_alone(MigrationPlan plan)
{
  Move move(plan, store_.at(other_than(plan.to)), store_.at(plan.to));
  if (auto usable = co_await bounded(move.target.check()); !usable) co_return usable;
  const auto source = co_await bounded(move.source.list({}));
  bool already = !source && cannot_be_reached(source.error());
  if (already) already = co_await is_there_already(plan);
  if (already) {
    progress_->not_looked_into = source.error();
    co_return Result<>{};
  }
  if (auto compared = co_await compare(move); !compared) co_return compared;
  if (auto copied = co_await copy(move); !copied) co_return copied;
  if (auto chosen = co_await choose(move, move.erases()); !chosen) co_return chosen;
  if (!move.erases()) co_return Result<>{};
  if (auto erased = co_await erase(move); !erased) co_return erased;
  co_return co_await choose(move, false);
}

// Then nothing is to be done that somebody wants: neither was anything left behind, nor is the
// other store to be emptied.
asio::awaitable<bool> StoreMigration::is_there_already(MigrationPlan plan)
{
  const auto before = co_await bounded(chooser_.written());
  if (!before || plan.erase_keyring || (*before && (*before)->leaving)) co_return false;
  const bool written = *before && (*before)->kind == plan.to;
  co_return written || chooser_.configured() == plan.to;
}

// Changes nothing: finds what is to be copied, and what nobody but a person can decide.
asio::awaitable<Result<>> StoreMigration::compare(Move& move)
{
  const auto here = co_await bounded(move.source.list({}));
  if (!here) co_return here.error();
  const auto there = co_await bounded(move.target.list({}));
  if (!there) co_return there.error();
  std::set<std::string> present;
  for (const StoredName& name : *there)
    present.insert(name.key);
  begin_step("comparing", here->size());
  for (const StoredName& name : *here) {
    const bool both = present.contains(name.key);
    Result<bool> equal(false);
    if (both) equal = co_await same_in_both(move, name.key);
    if (!equal) co_return about(name.key, equal.error());
    if (both && !*equal) progress_->conflicts.push_back(name.key);
    if (!*equal && (!both || move.plan.conflicts == Conflicts::keep_source))
      move.to_copy.push_back(name.key);
    ++progress_->done;
  }
  if (!progress_->conflicts.empty() && move.plan.conflicts == Conflicts::stop)
    co_return differ(progress_->conflicts);
  if (move.plan.conflicts == Conflicts::keep_target)
    move.kept_in_target.insert(progress_->conflicts.begin(), progress_->conflicts.end());
  progress_->conflicts.clear(); // decided
  co_return Result<>{};
}

asio::awaitable<Result<>> StoreMigration::copy(Move& move)
{
  begin_step("copying", move.to_copy.size());
  for (const std::string& key : move.to_copy) {
    if (auto copied = co_await copy_one(move, key); !copied) co_return about(key, copied.error());
    ++progress_->done;
  }
  co_return Result<>{};
}

asio::awaitable<Result<>> StoreMigration::copy_one(Move& move, std::string key)
{
  auto entry = co_await bounded(move.source.get({}, key));
  if (!entry) co_return entry.error();
  if (!*entry) co_return Result<>{}; // by another program, meanwhile
  Credential moved((*entry)->username, (*entry)->secret.clone());
  auto stored = co_await bounded(move.target.store({}, key, std::move(moved)));
  if (!stored) co_return stored;
  const auto back = co_await bounded(move.target.get({}, key));
  if (!back) co_return back.error();
  if (!*back || !same(**entry, **back))
    co_return Error{Errc::protocol_error, "it does not come back as it was stored"};
  ++progress_->copied;
  co_return Result<>{};
}

// Writes down that it is the target, and that the source is still to be emptied.
asio::awaitable<Result<>> StoreMigration::choose(const Move& move, bool erasing)
{
  const auto before = co_await bounded(chooser_.written());
  if (!before) co_return before.error();
  const bool chosen = *before && (*before)->kind == move.plan.to;
  StoreChoice choice(move.plan.to, civil_text(clock_.wall()), "purser store migrate");
  if (chosen) choice = **before;
  choice.leaving.reset();
  if (erasing) choice.leaving = other_than(move.plan.to);
  if (*before == choice) co_return Result<>{};
  co_return co_await bounded(chooser_.replace(std::move(choice)));
}

asio::awaitable<Result<>> StoreMigration::erase(Move& move)
{
  const auto left = co_await bounded(move.source.list({}));
  if (!left) co_return left.error();
  begin_step("erasing", left->size());
  for (const StoredName& name : *left) {
    auto equal = co_await same_in_both(move, name.key);
    if (!equal) co_return about(name.key, equal.error());
    const bool decided = move.kept_in_target.contains(name.key);
    if (!*equal && !decided) {
      progress_->conflicts.push_back(name.key);
      continue;
    }
    if (auto erased = co_await bounded(move.source.erase({}, name.key)); !erased)
      co_return about(name.key, erased.error());
    ++progress_->erased;
    ++progress_->done;
  }
  if (progress_->conflicts.empty()) co_return Result<>{};
  co_return with_remedy({Errc::transient, progress_->conflicts.front() +
                                              " was changed by another program meanwhile and is "
                                              "left where it was: run the same command again"});
}

asio::awaitable<Result<bool>> StoreMigration::same_in_both(Move& move, std::string key)
{
  const auto here = co_await bounded(move.source.get({}, key));
  if (!here) co_return here.error();
  const auto there = co_await bounded(move.target.get({}, key));
  if (!there) co_return there.error();
  co_return *here&&* there&& same(**here, **there);
}

void StoreMigration::begin_step(std::string_view step, std::size_t total)
{
  progress_->step = step;
  progress_->done = 0;
  progress_->total = total;
}

template <class T>
asio::awaitable<Result<T>> StoreMigration::bounded(asio::awaitable<Result<T>> verb)
{
  return with_timeout(clock_, k_step_limit, std::move(verb));
}

} // namespace purser
