#pragma once

#include "daemon/config/config_file.hpp"
#include "daemon/config/routes.hpp"

#include <memory>
#include <utility>

namespace purser {

// The configuration that is in force. Replaced as a whole by a reload: who works with
// it keeps the one that it began with.
struct Settings {
  explicit Settings(LoadedConfig l) : loaded(std::move(l)), routes(loaded.config.registries) {}

  LoadedConfig loaded;
  Routes routes;
};

class CurrentSettings {
public:
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

} // namespace purser
