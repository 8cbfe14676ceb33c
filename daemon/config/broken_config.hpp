#pragma once

#include "daemon/config/config_file.hpp"

#include <string_view>

namespace purser {

// What is in force while the file is broken, in the words of the log and the doctor, which say
// before it what is wrong.
[[nodiscard]] constexpr std::string_view in_force_instead(LoadedConfig::Origin origin)
{
  return origin == LoadedConfig::Origin::last_good ? "what it said when it was last right is used"
                                                   : "it was never right, so no token is obtained";
}

} // namespace purser
