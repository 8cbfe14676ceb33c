#include "daemon/async/event.hpp"
#include "tests/unit/store/store_fixture.hpp"

#include <filesystem>
#include <memory>

namespace purser::test {
namespace {

using Conflicts = MigrationPlan::Conflicts;

// A store of a daemon that is killed: after so many verbs none ends any more. The last one was
// carried out, or was not.
class MortalStore final : public CredentialStore {
public:
  struct Fate {
    int verbs;      // that end
    bool does_last; // whether the one after them is carried out
  };

  MortalStore(asio::io_context& io, MapStore& inner, std::shared_ptr<Fate> fate)
    : io_(io), inner_(inner), fate_(std::move(fate))
  {
  }

  asio::awaitable<Result<std::optional<Credential>>> get(std::string space,
                                                         std::string key) override
  {
    if (dies()) co_await end();
    co_return co_await inner_.get(std::move(space), std::move(key));
  }
  asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override
  {
    const bool last = dies();
    if (last && !fate_->does_last) co_await end();
    auto stored = co_await inner_.store(std::move(space), std::move(key), std::move(credential));
    if (last) co_await end();
    co_return stored;
  }
  asio::awaitable<Result<>> erase(std::string space, std::string key) override
  {
    const bool last = dies();
    if (last && !fate_->does_last) co_await end();
    auto erased = co_await inner_.erase(std::move(space), std::move(key));
    if (last) co_await end();
    co_return erased;
  }
  asio::awaitable<Result<std::vector<StoredName>>> list(std::string space) override
  {
    if (dies()) co_await end();
    co_return co_await inner_.list(std::move(space));
  }
  std::string description() const override { return "mortal"; }

private:
  bool dies() { return fate_->verbs-- <= 0; }
  // The kill: nothing runs any more, and the machine is left as it is.
  asio::awaitable<void> end()
  {
    io_.stop();
    Event never(io_.get_executor());
    co_await never.wait();
  }

  asio::io_context& io_;
  MapStore& inner_;
  std::shared_ptr<Fate> fate_;
};

struct StoreMigrationTest : testing::Test {
  Machine machine;

  MapStore& at(StoreKind kind) { return kind == StoreKind::file ? machine.file : machine.keyring; }
  void fill(StoreKind kind)
  {
    for (const auto* key : {"a.example", "b.example", "c.example"})
      hold(at(kind), key, std::string("fake-") + key);
    EXPECT_TRUE(machine.choice_file().create(StoreChoice(kind, "", "a test")));
  }
};

TEST_F(StoreMigrationTest, MovesEverythingAndTheChoice)
{
  fill(StoreKind::file);
  Life life(machine);
  EXPECT_EQ(life.migrate(MigrationPlan(StoreKind::secret_service)), "");
  EXPECT_EQ(machine.written(), StoreKind::secret_service);
  EXPECT_TRUE(machine.file.held.empty());
  EXPECT_EQ(machine.keyring.held.size(), 3U);
  EXPECT_EQ(life.get("b.example"), "fake-b.example");
  EXPECT_EQ(life.migration.progress()->copied, 3U);
  EXPECT_EQ(life.migration.progress()->erased, 3U);
  EXPECT_EQ(life.migrate(MigrationPlan(StoreKind::secret_service)), "");
  EXPECT_EQ(life.migration.progress()->copied, 0U);
}

TEST_F(StoreMigrationTest, LeavesTheKeyringsEntriesToOtherProgramsUnlessToldOtherwise)
{
  fill(StoreKind::secret_service);
  Life life(machine);
  MigrationPlan plan(StoreKind::file);
  EXPECT_EQ(life.migrate(plan), "");
  EXPECT_EQ(machine.written(), StoreKind::file);
  EXPECT_EQ(machine.keyring.held.size(), 3U);
  EXPECT_EQ(machine.file.held.size(), 3U);
  plan.erase_keyring = true;
  EXPECT_EQ(life.migrate(plan), "");
  EXPECT_TRUE(machine.keyring.held.empty());
}

TEST_F(StoreMigrationTest, NamespacesStayInTheFile)
{
  fill(StoreKind::file);
  machine.file.held.insert_or_assign(MapStore::Key("job", "a.example"),
                                     Credential("ann", Secret("fake-job")));
  EXPECT_EQ(Life(machine).migrate(MigrationPlan(StoreKind::secret_service)), "");
  EXPECT_EQ(machine.file.held.size(), 1U);
  EXPECT_EQ(machine.keyring.held.size(), 3U);
}

TEST_F(StoreMigrationTest, WhatDiffersStopsItBeforeAnythingChanges)
{
  fill(StoreKind::file);
  hold(machine.keyring, "b.example", "fake-other");
  Life life(machine);
  MigrationPlan plan(StoreKind::secret_service);
  EXPECT_NE(life.migrate(plan).find("b.example is stored in both places"), std::string::npos);
  EXPECT_EQ(life.migration.progress()->conflicts, std::vector<std::string>{"b.example"});
  EXPECT_EQ(machine.keyring.held.size(), 1U);
  EXPECT_EQ(machine.file.held.size(), 3U);
  EXPECT_EQ(machine.written(), StoreKind::file);
}

TEST_F(StoreMigrationTest, APersonSaysWhichOfTwoIsRight)
{
  for (const auto conflicts : {Conflicts::keep_target, Conflicts::keep_source}) {
    Machine fresh;
    hold(fresh.file, "b.example", "fake-source");
    hold(fresh.keyring, "b.example", "fake-target");
    MigrationPlan plan(StoreKind::secret_service);
    plan.conflicts = conflicts;
    EXPECT_EQ(Life(fresh).migrate(plan), "");
    EXPECT_TRUE(fresh.file.held.empty());
    EXPECT_EQ(held(fresh.keyring, "b.example"),
              conflicts == Conflicts::keep_target ? "fake-target" : "fake-source");
  }
}

TEST_F(StoreMigrationTest, IsRefusedWhereTheConfigurationSaysOtherwise)
{
  fill(StoreKind::file);
  machine.configured = StoreKind::file;
  const auto refusal = Life(machine).migrate(MigrationPlan(StoreKind::secret_service));
  EXPECT_NE(refusal.find("nothing was moved: change it to \"auto\""), std::string::npos);
  machine.configured = StoreKind::secret_service;
  EXPECT_EQ(Life(machine).migrate(MigrationPlan(StoreKind::secret_service)), "");
}

TEST_F(StoreMigrationTest, ATargetThatFailsLeavesAllAsItWas)
{
  fill(StoreKind::file);
  machine.keyring.trouble = Error(Errc::interaction_required, "scripted lock");
  EXPECT_EQ(Life(machine).migrate(MigrationPlan(StoreKind::secret_service)), "scripted lock");
  EXPECT_EQ(machine.file.held.size(), 3U);
  EXPECT_EQ(machine.written(), StoreKind::file);
}

TEST_F(StoreMigrationTest, WhoIsThereAlreadyNeedsNoOtherStore)
{
  fill(StoreKind::file);
  Life life(machine);
  MigrationPlan plan(StoreKind::file);
  for (const auto code : {Errc::transient, Errc::timeout, Errc::misconfigured}) {
    machine.keyring.trouble = Error(code, "scripted absence");
    EXPECT_EQ(life.migrate(plan), "");
    EXPECT_EQ(life.migration.progress()->not_looked_into->what, "scripted absence");
    EXPECT_EQ(life.migration.progress()->copied, 0U);
  }
  machine.keyring.trouble = Error(Errc::interaction_required, "scripted lock"); // it may hold some
  EXPECT_EQ(life.migrate(plan), "scripted lock");
  machine.keyring.trouble = Error(Errc::transient, "scripted absence");
  plan.erase_keyring = true; // which cannot be done
  EXPECT_EQ(life.migrate(plan), "scripted absence");
  EXPECT_EQ(machine.written(), StoreKind::file);
}

TEST_F(StoreMigrationTest, WhoIsNotThereYetNeedsBoth)
{
  fill(StoreKind::secret_service);
  machine.keyring.trouble = Error(Errc::transient, "scripted absence");
  EXPECT_EQ(Life(machine).migrate(MigrationPlan(StoreKind::file)), "scripted absence");
  EXPECT_EQ(machine.written(), StoreKind::secret_service);
}

// The daemon dies at one verb after the other; each time another one ends what it began.
struct KilledMigrationTest : StoreMigrationTest, testing::WithParamInterface<StoreKind> {
  // Whether it was killed before it ended.
  bool killed_after(int verbs, bool does_last, MigrationPlan plan)
  {
    const auto fate = std::make_shared<MortalStore::Fate>(MortalStore::Fate{verbs, does_last});
    asio::io_context loop;
    MortalStore file(loop, machine.file, fate);
    MortalStore keyring(loop, machine.keyring, fate);
    WorkerPool files(loop.get_executor(), "files", 2);
    SystemClock clock(loop.get_executor());
    StoreChooser chooser(loop.get_executor(), clock, files, machine.choice_file(), SessionBus({}),
                         StoreChooser::Sources{[] { return std::optional<StoreKind>(); }, file, {}},
                         [] {});
    ChosenStore store(loop.get_executor(), clock, chooser, file, keyring);
    StoreMigration migration(loop.get_executor(), clock, files, machine.folder / "state/store.lock",
                             store, chooser);
    EXPECT_TRUE(migration.begin(plan));
    loop.run();
    return migration.running();
  }
};

TEST_P(KilledMigrationTest, EveryEntryLiesInTheChosenStoreAndTheNextOneEndsIt)
{
  MigrationPlan plan(GetParam());
  plan.erase_keyring = true;
  int deaths = 0;
  for (const bool does_last : {false, true}) {
    for (int verbs = 0;; ++verbs) {
      machine.file.held.clear();
      machine.keyring.held.clear();
      std::filesystem::remove(machine.folder / "state/store");
      fill(other_than(plan.to));
      if (!killed_after(verbs, does_last, plan)) break;
      ++deaths;
      Life next(machine, false);
      for (const auto* key : {"a.example", "b.example", "c.example"})
        ASSERT_EQ(next.get(key), std::string("fake-") + key) << verbs;
      ASSERT_EQ(next.migrate(plan), "") << verbs;
      ASSERT_EQ(at(plan.to).held.size(), 3U) << verbs;
      ASSERT_TRUE(at(other_than(plan.to)).held.empty()) << verbs;
      ASSERT_EQ(machine.written(), plan.to);
      for (const auto* key : {"a.example", "b.example", "c.example"})
        ASSERT_EQ(next.get(key), std::string("fake-") + key) << verbs;
    }
  }
  EXPECT_GT(deaths, 2 * 20);
}

TEST_P(KilledMigrationTest, WhatIsErasedMeanwhileDoesNotComeBackByTheNext)
{
  MigrationPlan plan(GetParam());
  plan.erase_keyring = true;
  fill(other_than(plan.to));
  int verbs = 0;
  while (machine.written() != plan.to || at(other_than(plan.to)).held.size() != 2) {
    machine.file.held.clear();
    machine.keyring.held.clear();
    std::filesystem::remove(machine.folder / "state/store");
    fill(other_than(plan.to));
    ASSERT_TRUE(killed_after(verbs++, false, plan));
  }
  Life next(machine, false);
  EXPECT_NE((next.get("c.example"), next.store.reason()).find("not finished"), std::string::npos);
  EXPECT_TRUE(next.run(next.store.erase({}, "c.example")));
  EXPECT_TRUE(next.put("b.example", "fake-new"));
  EXPECT_EQ(next.migrate(plan), "");
  EXPECT_EQ(next.get("c.example"), "not found");
  EXPECT_EQ(next.get("b.example"), "fake-new");
  EXPECT_TRUE(at(other_than(plan.to)).held.empty());
  EXPECT_EQ(next.store.reason().find("not finished"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(BothWays,
                         KilledMigrationTest,
                         testing::Values(StoreKind::file, StoreKind::secret_service),
                         [](const auto& kind) {
                           return kind.param == StoreKind::file ? "ToFile" : "ToSecretService";
                         });

TEST_F(StoreMigrationTest, ALoginDuringItIsMadeAfterIt)
{
  fill(StoreKind::file);
  Life life(machine);
  ASSERT_TRUE(life.migration.begin(MigrationPlan(StoreKind::secret_service)));
  EXPECT_FALSE(life.migration.begin(MigrationPlan(StoreKind::file)));
  while (life.migration.progress()->step != "copying") // the gate is closed
    life.io.run_one();
  bool running_at_the_end = true;
  auto log_in = [&life, &running_at_the_end]() -> asio::awaitable<void> {
    Credential credential("ann", Secret("fake-new"));
    const auto stored = co_await life.store.store({}, "b.example", std::move(credential));
    running_at_the_end = life.migration.running() || !stored;
  };
  asio::co_spawn(life.io, log_in(), asio::detached);
  life.io.run();
  EXPECT_FALSE(running_at_the_end);
  EXPECT_EQ(life.migration.progress()->state, MigrationProgress::State::done);
  EXPECT_EQ(held(machine.keyring, "b.example"), "fake-new");
  EXPECT_TRUE(machine.file.held.empty());
}

TEST_F(StoreMigrationTest, TwoDaemonsDoNotMoveAtOnce)
{
  fill(StoreKind::file);
  Life one(machine);
  ASSERT_TRUE(one.migration.begin(MigrationPlan(StoreKind::secret_service)));
  while (one.migration.progress()->step != "copying")
    one.io.run_one();
  EXPECT_NE(Life(machine).migrate(MigrationPlan(StoreKind::file)).find("another purserd"),
            std::string::npos);
  one.io.run();
  EXPECT_EQ(machine.written(), StoreKind::secret_service);
}

} // namespace
} // namespace purser::test
