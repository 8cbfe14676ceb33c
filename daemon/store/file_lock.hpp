#pragma once

#include "common/file_descriptor.hpp"
#include "common/result.hpp"
#include "daemon/store/private_folder.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace purser {

// Held by at most one at a time: over all processes, and all threads of one. Let go
// when it dies, and by the kernel when the process does. The file stays.
class FileLock {
public:
  // Blocks up to `limit`, then transient.
  [[nodiscard]] static Result<FileLock>
  take(const PrivateFolder& folder, const std::string& name, std::chrono::milliseconds limit);

  // Nothing where another holds it.
  [[nodiscard]] static Result<std::optional<FileLock>> try_take(const PrivateFolder& folder,
                                                                const std::string& name);

private:
  explicit FileLock(FileDescriptor file) : file_(std::move(file)) {}

  FileDescriptor file_;
};

} // namespace purser
