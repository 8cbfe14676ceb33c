#pragma once

#include "cli/setup.hpp"
#include "cli/setup/chosen_clients.hpp"
#include "cli/setup/dialogue.hpp"

namespace purser::cli::setup {

// Plans, shows, asks, writes down and edits, one file after the other: what fails for one does
// not hold up the next. What was told says how it went.
void wire_all(const SetupWords& words, Dialogue& dialogue);

} // namespace purser::cli::setup
