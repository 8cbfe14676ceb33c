#pragma once

#include "cli/setup/planned_file.hpp"

#include <optional>
#include <string>

namespace purser::cli::setup {

// How one record is taken back.
struct UndonePlan {
  EditedFile file;
  std::string after;
  bool removes_file = false; // it was made by us, and nothing of anybody else's is in it
  bool exact = false;        // nobody edited it since: it becomes what it was, byte for byte
  std::string diff;
};

// Where somebody edited the file since, only those of our own edits are taken back that are
// still there. Nothing where there is nothing to take back any more. What a crash left beside
// the file is taken away. Errors: those of EditedFile and JsonEdit; interaction_required where
// our lines were edited.
[[nodiscard]] Result<std::optional<UndonePlan>> plan_undo(const FileRecord& record);

} // namespace purser::cli::setup
