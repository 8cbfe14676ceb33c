#pragma once

#include "daemon/async/event.hpp"
#include "daemon/async/file_watch.hpp"
#include "daemon/async/worker.hpp"
#include "daemon/config/config_file.hpp"
#include "daemon/config/routes.hpp"
#include "daemon/store/private_file.hpp"
#include "daemon/time/clock.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
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
// answers one calls refresh() first, which costs nothing while nothing changed. What no watch
// sees (another machine's edit on a network file system, a change below an overlay) counts
// after k_look_interval at the latest, and any edit after k_blind_interval where the file cannot
// be watched.
class SettingsReload {
public:
  // FileWatch::begin(), on a thread of the pool.
  using Watcher = std::function<Result<FileWatch>(const std::string& path)>;

  static constexpr Duration k_look_interval = std::chrono::seconds(5);
  static constexpr Duration k_blind_interval = std::chrono::seconds(1);
  static constexpr Duration k_load_limit = std::chrono::seconds(2);

  // `applied` is called after every load but the first, which is done here. All that is referred
  // to must outlive this.
  SettingsReload(
      boost::asio::any_io_executor ex,
      Clock& clock,
      WorkerPool& files,
      ConfigFile file,
      CurrentSettings& settings,
      std::function<void()> applied,
      Watcher watcher = [](const std::string& path) { return FileWatch::begin({path}); });

  // Loads if the file may have changed; who comes during a load waits for it. What was in force
  // stays so where that takes longer than k_load_limit, and nobody waits again until that call
  // has returned.
  [[nodiscard]] boost::asio::awaitable<void> refresh();
  // Loads whether or not it changed.
  [[nodiscard]] boost::asio::awaitable<void> force();

private:
  struct Found;

  // What lies at a path: one version of a file, or why there is none to be seen.
  class Place {
  public:
    [[nodiscard]] static Place of(const std::string& path); // blocks
    friend bool operator==(const Place&, const Place&) = default;

  private:
    FileStamp stamp_;
    int failure_ = 0;
  };

  [[nodiscard]] static Found look(const ConfigFile& file,
                                  const Watcher& watcher,
                                  const std::optional<Place>& known,
                                  bool watched);
  [[nodiscard]] bool may_have_changed();
  [[nodiscard]] Duration interval() const;
  void begin();
  boost::asio::awaitable<void> load(std::shared_ptr<Event> done);
  boost::asio::awaitable<Result<Found>> look_in_time(bool whatever);
  void take(Found found);
  boost::asio::awaitable<void> settled();

  boost::asio::any_io_executor ex_;
  Clock& clock_;
  WorkerPool& files_;
  ConfigFile file_;
  CurrentSettings& settings_;
  Watcher watcher_;
  std::function<void()> applied_;
  std::optional<FileWatch> watch_; // none where watching is not possible
  Place place_;                    // of what is in force
  BootTime looked_at_;
  bool blind_ = false;             // said so already
  std::shared_ptr<Event> loading_; // null where nobody loads
  bool again_ = false;             // load once more, whether or not the file changed
  std::weak_ptr<void> hanging_;    // a look that has not returned
};

} // namespace purser
