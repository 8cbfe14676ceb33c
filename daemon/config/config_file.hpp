#pragma once

#include "common/result.hpp"
#include "daemon/config/config.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace purser {

// What the place of the configuration depends on; empty means unset.
struct ConfigSearch {
  std::string_view purser_config;   // PURSER_CONFIG: the file itself
  std::string_view xdg_config_home; // XDG_CONFIG_HOME
  std::string_view home;            // HOME
};

// In this order: PURSER_CONFIG, $XDG_CONFIG_HOME/purser/config.json,
// $HOME/.config/purser/config.json. A relative value is an error, never skipped:
// the rules that were meant decide whose token is handed out.
[[nodiscard]] Result<std::string> find_config_path(const ConfigSearch& search);

struct LoadedConfig {
  enum class Origin {
    file,      // the file as it is
    absent,    // there is no file: defaults
    last_good, // the file is broken: what it said when it was last right
    none,      // the file is broken and was never right: `config` is the defaults, and
               // nobody knows whose tokens were meant, so nothing should be minted
  };

  Config config;
  Origin origin = Origin::none;
  std::optional<std::string> error;   // why the file is not used; names it
  std::optional<std::string> warning; // in use, but its last good copy cannot be kept
  std::string refused;                // the file's text, in lower case, where there is no config

  // Whether the text that was refused may have a rule for this host: it has its name, or a
  // pattern's end that fits.
  [[nodiscard]] bool may_claim(std::string_view host) const;
};

// The configuration on disk. All calls block: not for the event loop.
//
// The file must be a regular file of at most 1 MiB that belongs to us or to root and
// that nobody else can write; a symbolic link to such a file is fine. What was right is
// copied to `last_good_path` (0600, replaced atomically; its folder is made, 0700), and
// stands in while the file is broken, also after a restart: a link to nothing is a broken
// file. Deleting the file deletes the copy at the next load.
class ConfigFile {
public:
  // `named`: somebody said that it is there, and a missing one is an error.
  ConfigFile(std::string path, std::string last_good_path, bool named = false);

  [[nodiscard]] LoadedConfig load() const;
  [[nodiscard]] const std::string& path() const { return path_; }

private:
  [[nodiscard]] Result<> may_be_missing() const;
  [[nodiscard]] LoadedConfig fall_back(const Error& why, std::string_view refused = {}) const;
  [[nodiscard]] Result<> keep(std::string_view text) const;

  std::string path_;
  std::string last_good_path_;
  bool named_;
};

} // namespace purser
