#pragma once

#include "common/result.hpp"
#include "daemon/config/rule.hpp"
#include "daemon/store/store_kind.hpp"

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace purser {

enum class LogLevel { debug, info, warning, error };

// What config.json says, checked; the defaults are those of a machine without one.
// docs/configuration.md describes the keys, docs/config.schema.json is for editors.
struct Config {
  std::vector<Rule> registries;        // as written; Routes decides which one counts
  std::optional<StoreKind> store;      // store.kind; nothing: "auto"
  std::optional<std::string> key_file; // store.key_file: absolute; nothing: a generated one
  LogLevel log_level = LogLevel::info; // log.level
  std::vector<uid_t> peers;            // who may ask besides the daemon's own user
  std::chrono::seconds idle_exit{900}; // a daemon started by a helper; 0: never
  // Of rules that do not say it; nothing: half of a life of an hour or more.
  std::optional<std::chrono::seconds> min_remaining;
};

// The text of a configuration file (docs/configuration.md). Strict: an unknown key is
// an error, as is one that a later version will know. Errors are Errc::misconfigured:
// one line with the place (`registries[1].profil`) and what to do, never a value.
[[nodiscard]] Result<Config> parse_config(std::string_view text);

} // namespace purser
