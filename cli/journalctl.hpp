#pragma once

#include "cli/logs.hpp"

#include <string>
#include <vector>

namespace purser::cli {

// What journalctl is started with for the log of this unit.
[[nodiscard]] std::vector<std::string> journalctl_arguments(const LogUnit& unit,
                                                            const LogsForm& form);

// Becomes journalctl, found on PATH. Returns where there is none.
void become_journalctl(const LogUnit& unit, const LogsForm& form);

} // namespace purser::cli
