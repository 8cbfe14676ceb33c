#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"

#include <sys/types.h>

#include <string>

namespace purser::cli::jobs {

// A Unix socket of this mode that listens at `path`, where nothing is yet. misconfigured where it
// cannot.
[[nodiscard]] Result<FileDescriptor> listen_at(const std::string& path, mode_t mode = 0600);

// A connection to the one at `path`; not open where nobody listens there.
[[nodiscard]] FileDescriptor connect_to(const std::string& path);

} // namespace purser::cli::jobs
