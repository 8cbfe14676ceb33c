#pragma once

#include "common/result.hpp"
#include "common/secret.hpp"

#include <optional>
#include <string>

namespace purser {

// The secret in a file that the configuration names, without the line ends after it; blocks.
// Nothing where there is no file, or nothing in it.
//
// Links are followed: Kubernetes puts its secrets behind two. misconfigured, with what to do,
// where the file is no plain one, belongs to somebody else than us or root, can be written by a
// group or read by all, is over 64 KiB, or has several lines.
[[nodiscard]] Result<std::optional<Secret>> read_secret_file(const std::string& path);

} // namespace purser
