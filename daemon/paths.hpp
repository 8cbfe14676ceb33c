#pragma once

#include "common/result.hpp"
#include "daemon/providers/asker.hpp"
#include "daemon/store/store_places.hpp"

#include <string>

namespace purser {

// Where the daemon's files are: the XDG base directories, or their defaults below HOME.
struct Paths {
  std::string socket;
  std::string config;        // config.json
  bool config_named = false; // PURSER_CONFIG says where: then it has to be there
  std::string last_good;     // its last good copy
  StorePlaces store;         // stored credentials and their key
  std::string store_choice;  // which store is used
  std::string cache;         // tokens, for the next daemon
  std::string managed_hosts; // the index for helpers
};

// The variables that this process was started with.
[[nodiscard]] Environment process_environment();

// misconfigured where a variable holds a relative path, or HOME is needed and unset.
[[nodiscard]] Result<Paths> find_paths(const Environment& own);

} // namespace purser
