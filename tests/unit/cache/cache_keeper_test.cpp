#include "daemon/cache/cache_keeper.hpp"
#include "daemon/store/key_changes.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/scripted_provider.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <filesystem>

namespace purser::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

void rethrow(std::exception_ptr bug)
{
  if (bug) std::rethrow_exception(bug);
}

bool always(const RegistryKey&)
{
  return true;
}

// A daemon's part that holds something.
struct Process {
  Process(asio::io_context& loop,
          Clock& clock,
          const std::string& folder,
          const std::shared_ptr<HeldKeys>& held)
    : provider(clock)
    , providers({ProviderSpec{"ecr", always, always, &provider}})
    , tokens(
          loop.get_executor(), clock, [] { return 0.5; }, key.key())
    , overrides(clock, key.key())
    , keeper(loop.get_executor(),
             clock,
             std::make_shared<CacheVault>(folder + "/state/cache",
                                          folder + "/state/credentials",
                                          KeyLadder(KeyPlaces{"", "", folder + "/key"}, held)),
             folder + "/state/cache",
             key,
             tokens,
             overrides)
  {
  }

  ScriptedProvider provider;
  ProviderTable providers;
  ProcessKey key;
  TokenCache tokens;
  Overrides overrides;
  CacheKeeper keeper;
};

struct CacheKeeperTest : testing::Test {
  CacheKeeperTest() { start(); }

  // The process before, if any, is gone as if killed.
  void start()
  {
    process.reset();
    process = std::make_unique<Process>(io, clock, folder / "", held);
    await(process->keeper.restore(process->providers));
  }
  // Threads save: their time is real, everybody else's stands still.
  void await(asio::awaitable<void> task)
  {
    bool done = false;
    asio::co_spawn(io, std::move(task), [&done](std::exception_ptr bug) {
      rethrow(bug);
      done = true;
    });
    for (int turns = 0; !done && turns < 1000; ++turns) {
      io.restart();
      if (io.run_one_for(20ms) == 0) clock.advance(CacheKeeper::k_between_saves);
    }
    ASSERT_TRUE(done);
  }
  void flush() { await(flushed()); }
  asio::awaitable<void> flushed() { outcome = co_await process->keeper.flush(1h); }
  asio::awaitable<void> saved_again() { outcome = co_await process->keeper.save_again(1h); }
  asio::awaitable<void> got(std::string identity)
  {
    NamedProvider named{"ecr", &process->provider};
    Resolved resolved(Identity(std::move(identity)), "profile x");
    const auto handout =
        co_await process->tokens.get(named, std::move(resolved), "r.example", Demand(8500ms));
    answer = handout ? std::string(handout->secret.reveal()) : handout.error().what;
  }
  std::string get(const std::string& identity)
  {
    answer = "(nothing)";
    await(got(identity));
    return answer;
  }
  void erase(const std::string& identity)
  {
    process->tokens.erase(NamedProvider{"ecr", &process->provider}, Identity(identity));
  }

  void lock()
  {
    await(process->keeper.suspend(1h));
    const KeyPlaces places{"", "", folder / "key"};
    const KeyChanges keys(folder / "state/credentials", KeyLadder(places, held), held);
    if (keys.state().value().kind == KeyChanges::Kind::plain) {
      ASSERT_TRUE(keys.wrap(Secret("fake-passphrase")));
    }
    held->forget();
    process->tokens.clear();
    process->overrides.clear_all();
  }
  void unlock()
  {
    const KeyPlaces places{"", "", folder / "key"};
    const KeyChanges keys(folder / "state/credentials", KeyLadder(places, held), held);
    ASSERT_TRUE(keys.open(Secret("fake-passphrase")));
    await(process->keeper.restore(process->providers));
  }

  const TemporaryFolder folder;
  const std::string path = folder / "state/cache";
  asio::io_context io;
  ManualClock clock{io};
  std::shared_ptr<HeldKeys> held = std::make_shared<HeldKeys>();
  std::unique_ptr<Process> process;
  std::string answer;
  Result<> outcome;
};

TEST_F(CacheKeeperTest, ATokenIsThereAfterACrash)
{
  EXPECT_EQ(get("prod"), "prod-1");
  flush();
  start();
  EXPECT_EQ(get("prod"), "prod-1");
  EXPECT_EQ(process->provider.fetches, 0);
}

TEST_F(CacheKeeperTest, ARestoredTokenIsKnownAsOurs)
{
  get("prod");
  flush();
  start();
  EXPECT_TRUE(process->tokens.issued("AWS", Secret("prod-1")));
}

TEST_F(CacheKeeperTest, AnErasedTokenDoesNotComeBack)
{
  get("prod");
  get("dev");
  flush();
  erase("prod");
  flush();
  start();
  EXPECT_EQ(process->tokens.entries().size(), 1U);
  EXPECT_EQ(get("dev"), "dev-2");
}

TEST_F(CacheKeeperTest, AnOverrideIsThereAfterACrashUntilItIsErased)
{
  ASSERT_TRUE(process->overrides.put("a.example", Credential("AWS", Secret("fake"))));
  flush();
  start();
  const auto found = process->overrides.find("a.example");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret.reveal(), "fake");
  process->overrides.erase("a.example");
  flush();
  start();
  EXPECT_FALSE(process->overrides.find("a.example"));
}

TEST_F(CacheKeeperTest, ManyChangesAtOnceAreOneSave)
{
  get("first");
  flush();
  const auto before = fs::last_write_time(path);
  for (int i = 0; i < 20; ++i)
    ASSERT_TRUE(process->overrides.put(std::to_string(i), Credential("u", Secret("fake"))));
  clock.run();
  EXPECT_EQ(fs::last_write_time(path), before); // 250 ms have not gone by
  EXPECT_FALSE(process->keeper.all_kept());
  flush();
  start();
  EXPECT_EQ(process->overrides.kept().size(), 20U);
}

TEST_F(CacheKeeperTest, WhereItCannotBeKeptTheOldFileGoesAndStatusSaysSo)
{
  get("prod");
  flush();
  fs::rename(folder / "key", folder / "elsewhere");
  put_file(folder / "state/credentials", "sealed with that key");
  erase("prod");
  get("dev");
  flush();
  EXPECT_FALSE(outcome);
  EXPECT_FALSE(process->keeper.all_kept());
  ASSERT_TRUE(process->keeper.state().error);
  EXPECT_NE(process->keeper.state().error->find("is missing"), std::string::npos);
  EXPECT_FALSE(fs::exists(path));
}

TEST_F(CacheKeeperTest, ItIsTriedAgainByItself)
{
  fs::create_directories(folder / "state/cache"); // in the way
  get("prod");
  flush();
  ASSERT_FALSE(outcome);
  fs::remove(path);
  for (int turns = 0; !process->keeper.all_kept() && turns < 1000; ++turns) {
    clock.advance(1s);
    io.restart();
    io.run_one_for(10ms);
  }
  EXPECT_TRUE(process->keeper.all_kept());
  EXPECT_TRUE(fs::is_regular_file(path));
}

// An erase, on whose way a client waits.
TEST_F(CacheKeeperTest, WhoWaitsDoesNotWaitForTheBackOff)
{
  fs::create_directories(folder / "state/cache"); // in the way
  get("prod");
  for (int failures = 0; failures < 5; ++failures) {
    erase("prod" + std::to_string(failures));
    get("prod" + std::to_string(failures));
    flush();
    ASSERT_FALSE(outcome);
  }
  const BootTime asked = clock.now();
  get("dev");
  flush();
  EXPECT_LE(clock.now() - asked, 2s);
}

TEST_F(CacheKeeperTest, TheLastSaveHasTheTimesOfUse)
{
  get("prod");
  flush();
  clock.advance(1h);
  get("prod");
  const BootTime used = clock.now();
  await(process->keeper.close(1h));
  clock.advance(1min);
  start();
  EXPECT_EQ(process->tokens.entries().at(0).view.last_used, used);
}

TEST_F(CacheKeeperTest, WhoHeldNothingLeavesNothing)
{
  await(process->keeper.close(1h));
  EXPECT_FALSE(fs::exists(folder / "state"));
  EXPECT_FALSE(fs::exists(folder / "key"));
}

TEST_F(CacheKeeperTest, AFileThatIsNoCacheIsAnEmptyCache)
{
  fs::create_directories(folder / "state");
  put_file(path, "anything");
  start();
  EXPECT_TRUE(process->tokens.entries().empty());
  EXPECT_EQ(get("prod"), "prod-1");
}

TEST_F(CacheKeeperTest, WhatWasHeldComesBackWithTheKey)
{
  EXPECT_EQ(get("prod"), "prod-1");
  ASSERT_TRUE(process->overrides.put("a.example", Credential("AWS", Secret("fake"))));
  lock();
  EXPECT_TRUE(process->tokens.entries().empty());
  unlock();
  EXPECT_EQ(get("prod"), "prod-1");
  EXPECT_TRUE(process->overrides.find("a.example"));
  EXPECT_EQ(process->provider.fetches, 1);
}

TEST_F(CacheKeeperTest, ALockedProcessNeitherReadsNorWritesNorRemovesTheCache)
{
  get("prod");
  lock();
  const auto kept = contents_of(path);
  start();
  EXPECT_TRUE(process->tokens.entries().empty());
  get("dev"); // as if something came nevertheless
  flush();
  await(process->keeper.close(1h));
  EXPECT_EQ(contents_of(path), kept);
  start();
  unlock();
  EXPECT_EQ(get("prod"), "prod-1");
}

TEST_F(CacheKeeperTest, SavesGoOnAfterAnUnlocking)
{
  get("prod");
  lock();
  unlock();
  get("dev");
  flush();
  ASSERT_TRUE(outcome);
  start();
  EXPECT_EQ(process->tokens.entries().size(), 2U);
}

TEST_F(CacheKeeperTest, TheCacheFollowsANewKey)
{
  get("prod");
  flush();
  const KeyPlaces places{"", "", folder / "key"};
  const KeyChanges keys(folder / "state/credentials", KeyLadder(places, held), held);
  ASSERT_TRUE(keys.rotate(Secret()));
  await(saved_again());
  ASSERT_TRUE(outcome);
  start();
  EXPECT_EQ(get("prod"), "prod-1");
  EXPECT_EQ(process->provider.fetches, 0);
}

} // namespace
} // namespace purser::test
