#include "daemon/async/spawn.hpp"
#include "daemon/server/settings.hpp"
#include "tests/support/manual_clock.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace purser::test {
namespace {

using namespace std::chrono_literals;

// A disk or network that answers only once the test says so.
class Disk {
public:
  void hang()
  {
    const std::lock_guard lock(mutex_);
    hangs_ = true;
  }
  void mend()
  {
    const std::lock_guard lock(mutex_);
    hangs_ = false;
    changed_.notify_all();
  }
  void use()
  {
    std::unique_lock lock(mutex_);
    ++used_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !hangs_; });
  }
  void await_uses(int n)
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this, n] { return used_ >= n; });
  }
  int used()
  {
    const std::lock_guard lock(mutex_);
    return used_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool hangs_ = false;
  int used_ = 0;
};

struct SettingsReloadTest : testing::Test {
  SettingsReloadTest() { write("one.example"); }
  ~SettingsReloadTest() override
  {
    disk->mend();
    io.restart();
    io.run();
  }

  void write(const std::string& host)
  {
    put_file(path,
             R"({"version": 1, "registries": [{"match": ")" + host +
                 R"(", "provider": "env", "username": "ann", "secret_env": "GITHUB_TOKEN"}]})");
  }
  void begin(SettingsReload::Watcher watcher)
  {
    auto counted = [held = disk, watcher = std::move(watcher)](const std::string& of) {
      held->use();
      return watcher(of);
    };
    reload.emplace(
        io.get_executor(), clock, files, ConfigFile(path, folder / "last-good"), settings,
        [this] { ++applied; }, std::move(counted));
  }
  void begin_watched()
  {
    begin([](const std::string& of) { return FileWatch::begin({of}); });
  }
  // inotify sees nothing of what is done to the file.
  void begin_blind_watch()
  {
    begin([other = folder / "other"](const std::string&) { return FileWatch::begin({other}); });
  }
  // As where the system's limit of inotify instances is reached.
  void begin_unwatched()
  {
    begin([this](const std::string& of) -> Result<FileWatch> {
      if (may_watch) return FileWatch::begin({of});
      return Error{Errc::transient, "cannot watch files: Too many open files"};
    });
  }

  static asio::awaitable<void> say_when_done(asio::awaitable<void> what, bool& done)
  {
    co_await std::move(what);
    done = true;
  }
  void start(bool& done)
  {
    spawn(io.get_executor(), "refresh", say_when_done(reload->refresh(), done));
  }
  // The host of the configuration that a request sees.
  std::string request()
  {
    bool done = false;
    start(done);
    io.restart();
    while (!done)
      io.run_one();
    return seen();
  }
  [[nodiscard]] std::string seen() const
  {
    const auto& rules = settings.get()->loaded.config.registries;
    return rules.empty() ? "(none)" : rules.front().match;
  }

  TemporaryFolder folder;
  const std::string path = folder / "config.json";
  std::shared_ptr<Disk> disk = std::make_shared<Disk>();
  asio::io_context io;
  ManualClock clock{io};
  WorkerPool files{io.get_executor(), "files", 2};
  CurrentSettings settings{LoadedConfig{}};
  std::optional<SettingsReload> reload;
  bool may_watch = false;
  int applied = 0;
};

TEST_F(SettingsReloadTest, AnEditCountsForTheNextRequest)
{
  begin_watched();
  EXPECT_EQ(request(), "one.example");
  write("another.example");
  EXPECT_EQ(request(), "another.example");
  EXPECT_EQ(applied, 1);
}

TEST_F(SettingsReloadTest, WhatTheWatchDoesNotSeeCountsAfterSeconds)
{
  begin_blind_watch();
  write("another.example");
  EXPECT_EQ(request(), "one.example");
  clock.advance(SettingsReload::k_look_interval);
  EXPECT_EQ(request(), "another.example");
}

TEST_F(SettingsReloadTest, WithoutAWatchAnEditCountsAfterASecond)
{
  begin_unwatched();
  write("another.example");
  clock.advance(SettingsReload::k_blind_interval);
  EXPECT_EQ(request(), "another.example");
  write("a-third.example");
  clock.advance(SettingsReload::k_blind_interval);
  EXPECT_EQ(request(), "a-third.example");
}

TEST_F(SettingsReloadTest, WhatDidNotChangeIsNotLoadedAgain)
{
  begin_unwatched();
  for (int i = 0; i < 3; ++i) {
    clock.advance(SettingsReload::k_blind_interval);
    EXPECT_EQ(request(), "one.example");
  }
  EXPECT_EQ(applied, 0);
}

TEST_F(SettingsReloadTest, AFileThatComesIsSeenWithoutAWatch)
{
  std::filesystem::remove(path);
  begin_unwatched();
  EXPECT_EQ(seen(), "(none)");
  write("one.example");
  clock.advance(SettingsReload::k_blind_interval);
  EXPECT_EQ(request(), "one.example");
}

TEST_F(SettingsReloadTest, WatchesAsSoonAsItIsPossible)
{
  begin_unwatched();
  may_watch = true;
  clock.advance(SettingsReload::k_blind_interval);
  request();
  write("another.example");
  EXPECT_EQ(request(), "another.example"); // at once
}

TEST_F(SettingsReloadTest, AFileThatHangsLeavesTheConfigurationOfBefore)
{
  begin_watched();
  write("another.example");
  disk->hang();
  bool first = false;
  start(first);
  clock.run();
  disk->await_uses(2); // the one of the start, and this
  EXPECT_FALSE(first);
  clock.advance(SettingsReload::k_load_limit);
  EXPECT_TRUE(first);
  EXPECT_EQ(seen(), "one.example");

  for (int i = 0; i < 3; ++i) { // nobody waits for it again, and it is not asked again
    clock.advance(SettingsReload::k_look_interval);
    EXPECT_EQ(request(), "one.example");
  }
  EXPECT_EQ(disk->used(), 2);

  disk->mend();
  while (applied == 0) { // as soon as the call has returned
    std::this_thread::yield();
    request();
  }
  EXPECT_EQ(seen(), "another.example");
}

} // namespace
} // namespace purser::test
