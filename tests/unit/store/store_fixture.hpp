#pragma once

#include "daemon/store/chosen_store.hpp"
#include "daemon/store/store_chooser.hpp"
#include "daemon/store/store_migration.hpp"
#include "daemon/time/system_clock.hpp"
#include "tests/support/map_store.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace purser::test {
namespace asio = boost::asio;

// A daemon's choice between two stores, and what outlives the daemon.
struct Machine {
  TemporaryFolder folder;
  MapStore file;
  MapStore keyring;
  KeyringFinding finding = KeyringFinding::absent;
  std::optional<StoreKind> configured;
  int probes = 0;
  int chosen = 0;

  [[nodiscard]] ChoiceFile choice_file() const { return ChoiceFile(folder / "state/store"); }
  [[nodiscard]] std::optional<StoreKind> written() const
  {
    const auto choice = choice_file().read();
    if (!choice || !*choice) return std::nullopt;
    return (*choice)->kind;
  }
};

// One life of the daemon on it. `file` and `keyring` may be others than the machine's.
class Life {
public:
  Life(Machine& machine, CredentialStore& file, CredentialStore& keyring, bool bus = true)
    : chooser_(io.get_executor(),
               clock_,
               files_,
               machine.choice_file(),
               SessionBus(bus ? std::vector<std::string>{"DBUS_SESSION_BUS_ADDRESS=unix:path=/none"}
                              : std::vector<std::string>{}),
               StoreChooser::Sources{[&machine] { return machine.configured; }, file,
                                     [&machine] { return found(machine); }},
               [&machine] { ++machine.chosen; })
    , store(io.get_executor(), clock_, chooser_, file, keyring)
    , migration(
          io.get_executor(), clock_, files_, machine.folder / "state/store.lock", store, chooser_)
  {
  }
  explicit Life(Machine& machine, bool bus = true)
    : Life(machine, machine.file, machine.keyring, bus)
  {
  }

  // Until nothing more happens.
  template <class T>
  Result<T> run(asio::awaitable<Result<T>> verb)
  {
    std::optional<Result<T>> outcome;
    asio::co_spawn(io, std::move(verb), [&outcome](std::exception_ptr thrown, Result<T> result) {
      if (thrown) std::rethrow_exception(thrown);
      outcome.emplace(std::move(result));
    });
    io.restart();
    io.run();
    return std::move(outcome).value();
  }
  std::string get(std::string key)
  {
    auto entry = run(store.get({}, std::move(key)));
    if (!entry) return entry.error().what;
    return *entry ? std::string((*entry)->secret.reveal()) : "not found";
  }
  Result<> put(std::string key, std::string_view secret)
  {
    Credential credential("ann", Secret(secret));
    return run(store.store({}, std::move(key), std::move(credential)));
  }
  // How it ended: its error, or nothing.
  std::string migrate(MigrationPlan plan)
  {
    if (const auto begun = migration.begin(plan); !begun) return begun.error().what;
    io.restart();
    io.run();
    const auto& error = migration.progress()->error;
    return error ? error->what : "";
  }

  asio::io_context io;

private:
  static asio::awaitable<Result<KeyringFinding>> found(Machine& machine)
  {
    ++machine.probes;
    co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable); // as a process
    co_return machine.finding;
  }

  SystemClock clock_{io.get_executor()};
  WorkerPool files_{io.get_executor(), "files", 2};
  StoreChooser chooser_;

public:
  ChosenStore store;
  StoreMigration migration;
};

inline void hold(MapStore& store, const std::string& key, std::string_view secret)
{
  store.held.insert_or_assign(MapStore::Key("", key), Credential("ann", Secret(secret)));
}

inline std::string held(const MapStore& store, const std::string& key)
{
  const auto found = store.held.find(MapStore::Key("", key));
  return found == store.held.end() ? "" : std::string(found->second.secret.reveal());
}

} // namespace purser::test
