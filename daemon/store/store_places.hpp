#pragma once

#include "common/result.hpp"
#include "daemon/store/key_ladder.hpp"

#include <string>

namespace purser {

// The variables that the places depend on; empty means unset.
struct StoreSearch {
  std::string home;
  std::string xdg_state_home;
  std::string xdg_data_home;
  std::string credentials_directory;
  std::string configured_key_file; // from the configuration, an absolute path
};

struct StorePlaces {
  std::string credentials; // $XDG_STATE_HOME/purser/credentials
  KeyPlaces key;           // generated: $XDG_DATA_HOME/purser/key
};

// Those of the XDG base directory specification 0.8, except that a relative path is
// misconfigured instead of ignored: what was meant to be kept somewhere else must
// not silently go to the home folder. misconfigured, too, where there is no home.
[[nodiscard]] Result<StorePlaces> find_store_places(const StoreSearch& search);

} // namespace purser
