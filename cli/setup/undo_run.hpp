#pragma once

#include "cli/setup/dialogue.hpp"

#include <string>
#include <vector>

namespace purser::cli::setup {

// Takes back what the journal knows, the last first; of the named clients where any are named.
void undo_all(const std::vector<std::string>& clients, Dialogue& dialogue);

} // namespace purser::cli::setup
