#pragma once

#include "common/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace purser {

// Files that decide about credentials and hold none. All calls block.

// The whole file; nothing where there is none. Errors (misconfigured) name the path: it
// is no regular file, belongs to another user than us or root, can be written by
// others, or is larger than `limit` bytes.
[[nodiscard]] Result<std::optional<std::string>> read_own_file(const std::string& path,
                                                               std::size_t limit);

// Makes the folder, mode 0700, and those above it that are missing. One that is there is left
// as it is. Errors as for replace_file.
[[nodiscard]] Result<> make_own_folder(const std::string& path);

// Replaces the file in one step, mode 0600, durable when it returns. Its folder is made
// (0700) where it is missing. Errors: transient (full disk) or misconfigured.
[[nodiscard]] Result<> replace_file(const std::string& path, std::string_view text);

} // namespace purser
