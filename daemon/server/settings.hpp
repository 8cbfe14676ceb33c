#pragma once

#include "daemon/async/event.hpp"
#include "daemon/async/file_watch.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/config/config_file.hpp"
#include "daemon/config/routes.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace purser {

// The configuration that is in force. Replaced as a whole by a reload: who works with
// it keeps the one that it began with.
struct Settings {
  explicit Settings(LoadedConfig l) : loaded(std::move(l)), routes(loaded.config.registries) {}

  LoadedConfig loaded;
  Routes routes;
};

// Holds the settings, and brings them up to date where their file changed.
class CurrentSettings {
public:
  // For tests, and as the state before the first load.
  explicit CurrentSettings(LoadedConfig loaded)
    : settings_(std::make_shared<const Settings>(std::move(loaded)))
  {
  }

  [[nodiscard]] std::shared_ptr<const Settings> get() const { return settings_; }
  void replace(LoadedConfig loaded)
  {
    settings_ = std::make_shared<const Settings>(std::move(loaded));
  }

private:
  std::shared_ptr<const Settings> settings_;
};

// Loads the configuration again when its file changes or somebody says so.
//
// An edit counts for every request that comes after it, not some time later: who
// answers one calls refresh() first, which costs nothing while nothing changed.
class SettingsReload {
public:
  // `applied` is called after every load. All that is referred to must outlive this.
  SettingsReload(boost::asio::any_io_executor ex,
                 WorkerPool& files,
                 ConfigFile file,
                 CurrentSettings& settings,
                 std::function<void()> applied);

  // Loads if the file may have changed; who comes during a load waits for it.
  [[nodiscard]] boost::asio::awaitable<void> refresh();
  // Loads whether or not it changed.
  [[nodiscard]] boost::asio::awaitable<void> force();

private:
  struct Load;
  [[nodiscard]] static Result<Load> load(const ConfigFile& file);

  boost::asio::any_io_executor ex_;
  WorkerPool& files_;
  ConfigFile file_;
  CurrentSettings& settings_;
  std::function<void()> applied_;
  std::optional<FileWatch> watch_;
  std::shared_ptr<Event> loading_;
};

} // namespace purser
