#include "tests/unit/store/store_fixture.hpp"

#include <functional>

namespace purser::test {
namespace {

// A store that is slow to look.
class SlowStore final : public CredentialStore {
public:
  SlowStore(MapStore& inner, std::function<void()> meanwhile)
    : inner_(inner), meanwhile_(std::move(meanwhile))
  {
  }

  asio::awaitable<Result<std::optional<Credential>>> get(std::string space,
                                                         std::string key) override
  {
    meanwhile_();
    return inner_.get(std::move(space), std::move(key));
  }
  asio::awaitable<Result<>>
  store(std::string space, std::string key, Credential credential) override
  {
    return inner_.store(std::move(space), std::move(key), std::move(credential));
  }
  asio::awaitable<Result<>> erase(std::string space, std::string key) override
  {
    return inner_.erase(std::move(space), std::move(key));
  }
  asio::awaitable<Result<std::vector<StoredName>>> list(std::string space) override
  {
    return inner_.list(std::move(space));
  }
  [[nodiscard]] std::string description() const override { return "slow"; }

private:
  MapStore& inner_;
  std::function<void()> meanwhile_;
};

struct ChosenStoreTest : testing::Test {
  Machine machine;
};

TEST_F(ChosenStoreTest, WithoutASessionBusNothingIsLookedForAndReadingWritesNothing)
{
  Life life(machine, /*bus=*/false);
  EXPECT_EQ(life.get("a.example"), "not found");
  EXPECT_EQ(machine.written(), std::nullopt);
  EXPECT_TRUE(life.put("a.example", "fake-a"));
  EXPECT_EQ(machine.written(), StoreKind::file);
  EXPECT_EQ(life.get("a.example"), "fake-a");
  EXPECT_EQ(machine.probes, 0);
}

TEST_F(ChosenStoreTest, TheFirstReaderFindsWhatAnotherProgramStoredInTheKeyring)
{
  machine.finding = KeyringFinding::unlocked;
  hold(machine.keyring, "a.example", "fake-a");
  Life life(machine);
  EXPECT_EQ(life.get("a.example"), "fake-a");
  EXPECT_EQ(machine.written(), StoreKind::secret_service);
  EXPECT_EQ(life.get("b.example"), "not found");
  EXPECT_EQ(machine.probes, 1);
  EXPECT_EQ(machine.chosen, 1);
}

TEST_F(ChosenStoreTest, AChoiceIsForGoodWhateverAnswersLater)
{
  machine.finding = KeyringFinding::unlocked;
  EXPECT_TRUE(Life(machine).put("a.example", "fake-a"));
  machine.finding = KeyringFinding::absent;
  machine.keyring.trouble = Error(Errc::transient, "scripted absence");
  Life later(machine);
  EXPECT_EQ(later.get("a.example"), "scripted absence");
  EXPECT_EQ(later.put("b.example", "fake-b").error().what, "scripted absence");
  EXPECT_TRUE(machine.file.held.empty());
}

TEST_F(ChosenStoreTest, AKeyringThatComesLaterIsNotLookedInto)
{
  machine.finding = KeyringFinding::silent;
  EXPECT_TRUE(Life(machine).put("a.example", "fake-a"));
  machine.finding = KeyringFinding::unlocked;
  Life later(machine);
  EXPECT_EQ(later.get("a.example"), "fake-a");
  EXPECT_TRUE(later.put("b.example", "fake-b"));
  EXPECT_TRUE(machine.keyring.held.empty());
  EXPECT_EQ(machine.probes, 1);
}

TEST_F(ChosenStoreTest, AReaderIsNotToldThatNothingIsStoredWhereNobodyKnows)
{
  machine.finding = KeyringFinding::silent;
  Life life(machine);
  EXPECT_NE(life.get("a.example").find("does not answer"), std::string::npos);
  EXPECT_NE(life.get("a.example").find("does not answer"), std::string::npos);
  EXPECT_EQ(machine.probes, 1); // and asks again after a while only
  EXPECT_EQ(machine.written(), std::nullopt);
}

TEST_F(ChosenStoreTest, ALoginLooksAnewWhateverReadersRemember)
{
  Life life(machine);
  EXPECT_EQ(life.get("a.example"), "not found");
  machine.finding = KeyringFinding::unlocked;
  EXPECT_TRUE(life.put("a.example", "fake-a"));
  EXPECT_EQ(held(machine.keyring, "a.example"), "fake-a");
}

TEST_F(ChosenStoreTest, ACrowdIsOneProbe)
{
  machine.finding = KeyringFinding::unlocked;
  hold(machine.keyring, "a.example", "fake-a");
  Life life(machine);
  int found = 0;
  auto ask = [&life, &found]() -> asio::awaitable<void> {
    const auto entry = co_await life.store.get({}, "a.example");
    if (entry && *entry) ++found;
  };
  for (int i = 0; i < 100; ++i)
    asio::co_spawn(life.io, ask(), asio::detached);
  life.io.run();
  EXPECT_EQ(found, 100);
  EXPECT_EQ(machine.probes, 1);
  EXPECT_EQ(machine.chosen, 1);
}

TEST_F(ChosenStoreTest, OfTwoDaemonsThatDecideTheFirstDecidesForBoth)
{
  Life slow(machine, /*bus=*/false);
  EXPECT_EQ(slow.get("a.example"), "not found"); // has looked, and found no choice
  machine.finding = KeyringFinding::unlocked;
  EXPECT_TRUE(Life(machine).put("a.example", "fake-a"));
  EXPECT_TRUE(slow.put("b.example", "fake-b"));
  EXPECT_EQ(held(machine.keyring, "b.example"), "fake-b");
}

TEST_F(ChosenStoreTest, TheConfigurationIsStrongerAndWritesNothing)
{
  machine.finding = KeyringFinding::unlocked;
  machine.configured = StoreKind::file;
  Life life(machine);
  EXPECT_TRUE(life.put("a.example", "fake-a"));
  EXPECT_EQ(held(machine.file, "a.example"), "fake-a");
  EXPECT_EQ(machine.probes, 0);
  EXPECT_EQ(machine.written(), std::nullopt);
  machine.configured = StoreKind::secret_service;
  EXPECT_EQ(life.get("a.example"), "not found");
}

TEST_F(ChosenStoreTest, AWrittenChoiceThatCannotBeReadIsAnErrorOfEveryVerb)
{
  EXPECT_TRUE(Life(machine, false).put("a.example", "fake-a"));
  put_file(machine.folder / "state/store", "nonsense");
  Life life(machine, false);
  EXPECT_NE(life.get("a.example").find("state/store does not say which store"), std::string::npos);
  EXPECT_FALSE(life.put("b.example", "fake-b"));
  EXPECT_EQ(machine.file.held.size(), 1U);
}

TEST_F(ChosenStoreTest, ALoginIsRefusedWhereTheChoiceCannotBeWrittenDown)
{
  put_file(machine.folder / "state", "a file in the way of the folder");
  Life life(machine, false);
  EXPECT_FALSE(life.put("a.example", "fake-a"));
  EXPECT_TRUE(machine.file.held.empty());
}

TEST_F(ChosenStoreTest, AFileThatCannotBeOpenedIsNotReplacedByTheKeyring)
{
  machine.finding = KeyringFinding::unlocked;
  machine.file.trouble = Error(Errc::protocol_error, "scripted damage");
  Life life(machine);
  EXPECT_EQ(life.get("a.example"), "scripted damage");
  EXPECT_EQ(life.put("a.example", "fake-a").error().what, "scripted damage");
  EXPECT_EQ(machine.written(), std::nullopt);
}

TEST_F(ChosenStoreTest, LookingChoosesNothing)
{
  machine.finding = KeyringFinding::unlocked;
  Life life(machine);
  EXPECT_TRUE(life.run(life.store.known_names())->empty());
  EXPECT_TRUE(life.run(life.store.check()));
  EXPECT_EQ(machine.probes, 0);
  EXPECT_EQ(machine.written(), std::nullopt);
  EXPECT_NE(life.store.reason().find("not chosen yet"), std::string::npos);
}

TEST_F(ChosenStoreTest, WhatIsMovedAwayWhileSomebodyLooksIsFoundInTheOtherPlace)
{
  EXPECT_TRUE(Life(machine, false).put("a.example", "fake-a"));
  const auto move = [this] {
    EXPECT_EQ(Life(machine, false).migrate(MigrationPlan(StoreKind::secret_service)), "");
  };
  SlowStore file(machine.file, move);
  Life life(machine, file, machine.keyring, false);
  EXPECT_EQ(life.get("a.example"), "fake-a");
  EXPECT_TRUE(machine.file.held.empty());
}

TEST_F(ChosenStoreTest, ANamespaceLiesInTheFileWhateverIsChosen)
{
  machine.configured = StoreKind::secret_service;
  Life life(machine);
  Credential credential("ann", Secret("fake-job"));
  EXPECT_TRUE(life.run(life.store.store("job", "a.example", std::move(credential))));
  EXPECT_TRUE(machine.file.held.contains(MapStore::Key("job", "a.example")));
  EXPECT_TRUE(life.run(life.store.get("job", "a.example"))->has_value());
  EXPECT_EQ(life.run(life.store.list("job"))->size(), 1U);
  EXPECT_TRUE(life.run(life.store.erase("job", "a.example")));
  EXPECT_TRUE(machine.file.held.empty() && machine.keyring.held.empty());
}

TEST_F(ChosenStoreTest, ANamespaceIsClearedInTheFile)
{
  machine.configured = StoreKind::secret_service;
  hold(machine.keyring, "a.example", "fake-a");
  Life life(machine);
  Credential credential("ci", Secret("fake-job"));
  ASSERT_TRUE(life.run(life.store.store("job", "a.example", std::move(credential))));
  EXPECT_EQ(life.run(life.store.clear("job")).value(), 1U);
  EXPECT_TRUE(machine.file.held.empty());
  EXPECT_EQ(held(machine.keyring, "a.example"), "fake-a");
}

} // namespace
} // namespace purser::test
