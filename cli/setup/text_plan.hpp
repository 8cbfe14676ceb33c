#pragma once

#include "cli/setup/planned_file.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace purser::cli::setup {

// `text` at the end of a file of lines, after the end of its last line. Nothing to do where the
// text is empty.
[[nodiscard]] PlannedFile
plan_appended(EditedFile file, FileRecord record, const std::string& text);

// No line but ours is shown of a file of lines, nor the last one for the line end that it gets:
// who knows what stands in them.
constexpr std::size_t k_text_context = 0;
[[nodiscard]] std::string with_last_line_ended(std::string text);

// A record of what is about to be done to the file.
[[nodiscard]] FileRecord
new_record(const std::string& client, const std::string& path, const EditedFile& file);

} // namespace purser::cli::setup
