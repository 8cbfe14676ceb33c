#pragma once

#include "daemon/providers/standpoint.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace purser::aws {

// Whether a variable of a request is told to the programs that its profile names: AWS's except
// secrets of other sources, the folders of XDG, and the way out to the network.
[[nodiscard]] bool is_for_programs(std::string_view name);

// NAME=VALUE of each such variable and of HOME, in order; `own`, of the same form, wins.
[[nodiscard]] std::vector<std::string> program_environment(const Standpoint& standpoint,
                                                           const std::vector<std::string>& own);

} // namespace purser::aws
