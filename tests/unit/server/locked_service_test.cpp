#include "tests/support/temporary_folder.hpp"
#include "tests/unit/server/service_fixture.hpp"

namespace purser::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* k_locked = "purser is locked; run: purser unlock";
constexpr const char* k_unknown = "nothing is stored and no rule claims it";

struct LockedServiceTest : ServiceFixture {
  TemporaryFolder folder;
  const std::string index = folder / "managed-hosts";
  WorkerPool files{io.get_executor(), "files", 1};
  KeyLock lock{files, index};
  CredentialService guarded{clock, settings, providers, tokens, overrides, store, [] {}, {}, &lock};

  LockedServiceTest()
  {
    put_file(index, "stored.example\n*.wild.example\n");
    lock.set(true);
  }
  // What a client gets: the secret or the error. Threads read the index, in real time.
  std::string asked(std::string_view registry)
  {
    std::optional<std::string> got;
    auto receive = [this, &got, registry]() -> asio::awaitable<void> {
      AuditEvent trail;
      Inquiry inquiry(*RegistryKey::parse(registry), std::make_shared<Asker>(), 8500ms);
      const auto handout = co_await guarded.get(std::move(inquiry), trail);
      got = handout ? std::string(handout->secret.reveal()) : handout.error().what;
      provider_told = trail.provider;
    };
    asio::co_spawn(io, receive(), asio::detached);
    for (int turns = 0; turns < 1000 && !got; ++turns) {
      io.restart();
      if (io.run_one_for(20ms) == 0) clock.advance(100ms);
    }
    return got.value_or("(nothing)");
  }
  std::string provider_told;
};

TEST_F(LockedServiceTest, WhatIsStoredOrMintedIsRefused)
{
  for (const auto* registry :
       {"stored.example", "stored.example/team/image", "a.wild.example", "minted.example"})
    EXPECT_EQ(asked(registry), k_locked) << registry;
  EXPECT_EQ(provider.fetches, 0);
}

TEST_F(LockedServiceTest, WhatNobodyStoredIsStillNotFound)
{
  EXPECT_EQ(asked("docker.io"), k_unknown);
  EXPECT_EQ(asked("stored.example:5000"), k_unknown);
}

TEST_F(LockedServiceTest, WithoutTheIndexNobodyKnows)
{
  std::filesystem::remove(index);
  EXPECT_EQ(asked("docker.io"), k_locked);
}

TEST_F(LockedServiceTest, AnOverrideIsRefusedToo)
{
  ASSERT_TRUE(overrides.put(Overrides::bound("minted.example", Identity("default")),
                            Credential("AWS", Secret("fake-override"))));
  EXPECT_EQ(asked("minted.example"), k_locked);
  lock.set(false);
  EXPECT_EQ(asked("minted.example"), "fake-override");
}

TEST_F(LockedServiceTest, WhoAskedBeforeIsRefusedAfter)
{
  lock.set(false);
  std::optional<std::string> got;
  auto receive = [this, &got]() -> asio::awaitable<void> {
    AuditEvent trail;
    Inquiry inquiry(*RegistryKey::parse("minted.example"), std::make_shared<Asker>(), 8500ms);
    const auto handout = co_await guarded.get(std::move(inquiry), trail);
    got = handout ? "a token" : handout.error().what;
  };
  asio::co_spawn(io, receive(), asio::detached);
  clock.run(); // the fetch takes a second
  lock.set(true);
  tokens.clear();
  clock.advance(1s);
  EXPECT_EQ(got, k_locked);
  EXPECT_TRUE(tokens.kept().empty()) << "and what was fetched is not held";
}

} // namespace
} // namespace purser::test
