#pragma once

#include "cli/import/import_words.hpp"

#include <ostream>

namespace purser::cli {

enum class Answer { do_it, leave_it, nobody_to_ask };

// Whether to go on from what was shown: what the command line says, else what a person at the
// terminal answers.
[[nodiscard]] Answer ask_consent(const ImportWords& words, std::ostream& out);

} // namespace purser::cli
